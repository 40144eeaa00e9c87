"""Categories, styles, sizes and colours, barcodes and labels."""
