"""A bar on the terminal of whoever waits. Logs and pipes get none."""

WIDTH = 40


class Progress:
    """`with Progress(self.stderr) as progress: progress(3, 70, "orders")`."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        return self

    def __call__(self, done, total, what):
        self.share(done / max(total, 1), f"{done} of {total}  {what:.60}")

    @property
    def is_seen(self):
        return self.stream.isatty()

    def share(self, share, words):
        if self.is_seen:
            full = int(WIDTH * share)
            self.stream.write(f"\r\033[K[{'#' * full}{' ' * (WIDTH - full)}] {words}", ending="")
            self.stream.flush()

    def clear(self):
        if self.is_seen:
            self.stream.write("\r\033[K", ending="")

    def __exit__(self, *error):
        self.clear()
