"""What a counter hand knows of sewing: garments, parts, what is wrong with them, and what is then done.

A pattern is matched at the beginning of a word of a text that `words.plain` made; `$` ends a word, otherwise any ending
will do. Patterns stand between semicolons. The same patterns read requests and the shop's own catalogue.
"""

# ------------------------------------------------------------------------------------------------ garments

GARMENTS = {
    "jumpsuit": "jumpsuit; playsuit; romper; overalls; dungaree; boiler ?suit; onesie; salopette; catsuit; unitard; mono largo",
    "nightwear": "pyjama; pajama; pjs?$; jim ?jams; nightie; nightdress; nightgown; night ?shirt; dressing gown; bath ?robe; pijama; camison",
    "bridal": "bridal; wedding (gown|dress|skirt); bride s (gown|dress)|brides? (gown|dress); novia; mariee; veil$; bridal gown; boda vestido",
    "gown": "gown; ball ?gown; (evening|formal|prom|quince\\w*|pageant|debutante|gala|red carpet) dress; prom$; quince\\w*; toga",
    "jeans": "jeans?$; jean$; levi; wrangler; vaquero; 501s?$; denims$; tejano; blue ?jean; jegging",
    "shorts": "shorts$; bermuda; boxers?$; swim ?shorts; trunks$; pantalones? cortos?; short$ de",
    "leggings": "legging; tights$; yoga pant; mallas; cycling short",
    "trousers": "(dress|suit|work|tux|tuxedo|cargo|cropped|school|yoga|ski|track|golf|linen|combat|riding|walking) ?(pants?|trousers?|bottoms)$;"
    "trouser; pants?$; slacks; chinos?$; khakis?$; jogger; sweat ?pants?; track ?(suit )?bottoms; tracksuit$; cords$; corduroys$; flannels$;"
    "culotte; palazzo; pantalon; breeches; jodhpur; cargos$; bottoms$; capri; plus fours; salwar; churidar",
    "lehenga": "lehenga; lehnga; ghagra; chaniya; langa$",
    "saree": "saree?s?(?! blouse); sari$|saris$; pallu",
    "kurta": "kurt[ai]; kameez; sherwani; shalwar; anarkali; achkan; thobe; dishdasha; kaftan; caftan; abaya; jalabiya",
    "skirt": "skirt; skrt; kilt; falda; jupe; sarong; tutu; pollera",
    "dress": "sun ?dress; bridesmaid; flower girl; dress(?! (shirt|pant|trouser|shoe|uniform|coat|code|slacks|suit|jacket|maker))(es)?$; frock; vestido;"
    "robe$|robes$; shift$; pinafore; qipao; cheongsam; shirt ?dress; maxi$; midi$; gymslip; tea ?dress; christening",
    "blouse": "(saree|sari|lehenga) blouse; blouse; blusa; chemisier; camisole; cami$|camis$; tunic; tank ?top; choli; halter ?neck; bustier; corset top; leotard;"
    "(this|that|my|a|the|her|silk|lace|crop|halter|sleeveless|sequin|sparkly|wrap|peplum|vest|party|summer|strappy|backless) top$(?! (button|of|hook|snap|edge|part|half|stitch|layer|seam|sits|is too low))",
    "shirt": "shirt(?! ?dress)(?! cuff)(?! showing); camisa$|camisas$|camiseta; chemise; polo$|polos$; t ?shirt; tee$|tees$; guayabera; rugby top",
    "waistcoat": "waist ?coat; vest$|vests$(?! top); gilet; chaleco; body ?warmer",
    "jacket": "jackit; jaket; (suit|sport|sports|tail|morning|dress|frock|chef s?|lab) ?coats?; jacket; blazer; tux$|tuxedo(?! (pant|trouser|shirt)); tuxes$; sports? ?coat; tails$;"
    "bomber; chaqueta; veste$|vestes$; americana; blouson; tweed$; harrington; lapel; barbour; biker$; blaser; cazadora; smoking$; windbreaker",
    "coat": "coat(?! hanger)(?! check); parka; trench; puffer; anorak; mac$|macs$; rain ?coat; abrigo; manteau; duffle; pea ?coat; cape$; cloak; over ?coat; imper\\w*; gabardina;"
    "macintosh; poncho; down jacket; crombie; sheepskin$",
    "knit": "jumper; sweater(?! ?pant); cardigan; cardi$|cardie; pullover; hoodie; hoody; sweat ?shirt; knit; fleece; jersey$; pull$; chandail; jersei; sueter; turtle ?neck; polo ?neck; gansey; sudadera",
    "suit": "suits?$(?! me)(?! case)(?! you); two ?piece; three ?piece; 3 ?piece; 2 ?piece; traje; costume$(?! party); trouser suit; tailleur; tuxedos?",
}  # fmt: skip

# The codes of the catalogue, in these words.
OF_CODE = {
    "trs": ["trousers"], "jns": ["jeans"], "skt": ["skirt"], "sht": ["shirt"], "bls": ["blouse"], "drs": ["dress"],
    "gwn": ["gown"], "brd": ["bridal"], "jkt": ["jacket"], "wst": ["waistcoat"], "cot": ["coat"], "knt": ["knit"],
    "lhg": ["lehenga"], "sre": ["saree"], "krt": ["kurta"],
}  # fmt: skip

# How well a service for the second serves the first. What is not here is another garment.
RELATED = {
    "jeans": {"trousers": 0.72, "shorts": 0.6},
    "shorts": {"trousers": 0.95, "jeans": 0.7, "nightwear": 0.5},
    "leggings": {"trousers": 0.95, "jeans": 0.5, "nightwear": 0.6},
    "trousers": {"jeans": 0.6, "shorts": 0.6},
    "jumpsuit": {"dress": 0.85, "trousers": 0.85, "gown": 0.4, "nightwear": 0.4},
    "nightwear": {"trousers": 0.75, "shirt": 0.5, "dress": 0.5, "shorts": 0.7},
    "gown": {"bridal": 0.85, "dress": 0.75, "lehenga": 0.5},
    "bridal": {"gown": 0.9, "dress": 0.72},
    "dress": {"gown": 0.6, "bridal": 0.42, "jumpsuit": 0.7, "skirt": 0.55, "blouse": 0.4},
    "skirt": {"dress": 0.5, "lehenga": 0.6, "trousers": 0.5, "saree": 0.2},
    "lehenga": {"skirt": 0.7, "gown": 0.75, "dress": 0.5},
    "kurta": {"shirt": 0.75, "blouse": 0.6, "dress": 0.5, "jacket": 0.45},
    "saree": {"dress": 0.2},
    "shirt": {"blouse": 0.65, "kurta": 0.6, "knit": 0.3},
    "blouse": {"shirt": 0.72, "dress": 0.5, "kurta": 0.5, "knit": 0.3},
    "jacket": {"coat": 0.8, "waistcoat": 0.6},
    "coat": {"jacket": 0.8},
    "waistcoat": {"jacket": 0.85},
    "knit": {"jacket": 0.45, "coat": 0.35, "shirt": 0.4, "blouse": 0.4},
    "suit": {"jacket": 1.0, "trousers": 0.95, "waistcoat": 0.8},
}

# Where the words name no garment, what they speak of often tells.
GARMENTS_OF_AREA = {
    "fly": ["trousers", "jeans"], "legs": ["trousers", "jeans"], "crotch": ["trousers", "jeans"], "seat": ["trousers", "jeans", "skirt"],
    "train": ["bridal", "gown"], "strap": ["dress", "blouse", "gown"], "bust": ["dress", "gown", "blouse"],
    "loop": ["trousers", "jeans"], "fall": ["saree"],
}  # fmt: skip

# ------------------------------------------------------------------------------------------------ parts

AREAS = {
    "loop": "belt ?loop; trabilla; passant",
    "waist": "waist(?! ?coat); waste ?band; waste$; wayst; middle$; tummy; stomach; belly; midriff; cintura; pretina; taille; top of (the |my |these )?(trousers|skirt|jeans|pants); barriga; ventre$",
    "seat": "seat$|seats$; bum$; backside; rear$; butt$; bottom is tight; hips?$; trasero; cadera; hanches?; fesses; derriere",
    "hem": "hem$|hems$; hem ?line; ourlet; dobladillo; bajos?$; dobladillo; dobles$; ruedo; length$; bottom edge; turn ?ups?; cuffed hem",
    "sleeve": "sleev; shirt ?sleev\\w*; sleve; slev; arms?$(?! hole); mangas?$; manches?$; wrists?$; bras$; poignet trop",
    "shoulder": "shoulder(?! strap); hombro; hombreras?; epaul",
    "strap": "shoulder straps?; straps?$; tirante; bretelle; spaghetti",
    "neck": "neck ?line; neck$|necks$; v ?neck; cleavage; decollet; low cut; escote; wrap front; chest is showing; cowl; encolure; plunge; the v$; a v$",
    "collar": "collar; cuello; col$|cols$; colar$",
    "cuff": "cuffs?$; punos?$; poignets?$",
    "pocket": "pocket; bolsill; poche$|poches$",
    "lining": "lining; inside (of (this|the|my)|this|the|my|needs|is|has|wants) (blazer|jacket|coat|suit|starting|fabric|skirt|new|cloth)?|(silk|satin|fabric|cloth|material) inside; linning; lineing; forro; doublure; inner (fabric|layer)(?! thigh); reline; re line; relin; (satin|silk|inside) (bit )?inside the",
    "zip": "zip; zzip; cremallera; fermeture; cierre; glissiere",
    "fly": "fly$|flys$; flies$; bragueta; braguette",
    "button": "buttons?$; butons?$; buttonhole; boton$|botones$|boutons?$; snaps?$(?!ped); popper; press ?studs?; stud$|studs$; hooks?( and eyes?| & eyes?)?$; fasten(er|ing)s?$; toggle; clasp; corchete; broche; agrafe; pression; cufflink; frog closure; rivet",
    "elastic": "elastic; stretchy (stuff|bit|band|waist|thing)s?; drawstring; draw ?cord; cordon; cord$; gomilla; goma$|gomas$; elastique; waist ?tie",
    "train": "train$|trains$; bustl; traine; cola$; cola del",
    "crotch": "crotch; croch; inner ?thigh; (inside|inner) (of the |of my )?leg$; between (the|my|his|her) (legs|thighs); entrepierna; entrejambes?; fork$; tiro$; thighs?,? (rub|chafe)",
    "legs": "legs?$(?! length); thighs?$; piernas?$; perneras?; jambes?; calf$|calves$; pernera",
    "knee": "knees?$(?! length)(?! high); rodillas?; genou; elbows?$; codos?$; coudes?$",
    "bust": "bust$(?!ed); bra$|bras$(?! is$); cups?$; boobs?$; breasts?; boning; boned; bones$; stays?$(?! up)(?! in)(?! put); padding; bra ?less; pechos?$; poitrine; soutien; sujetador; support$; copas?$; ballen",
    "body": "(?<!each )(?<!either )(?<!both )(?<!inch a )(?<!one )(?<!at the )sides?$(?! zip); side ?seams?; darts?$; back$(?! pocket)(?! hem)(?! in)(?! on)(?! to)(?! from)(?! button)(?! together)(?! again)(?! of the (neck|knee|skirt|wedding)); bodice; body$; torso; ribs?$; rib ?cage; chest$; costados?; cotes$; pinzas?; pinces?; corse[t]$; lados?$; flancs?; espalda; dos$; princess seam; pecho$",
    "seam": "seams?$; costuras?; coutures?; stitch(ing|es)?$; thread(s)?$(?! ?bare)",
    "bead": "bead; sequin; sparkl\\w*|sparkly bits?; diamante; rhinestone; crystals?$; applique; pearls?$; embellish; lentejuela; perles?$; paillette; lace (flower|motif|edge|edging|trim|overlay|panel|has|is|got|on)|lace$(?! up)(?! down); encaje; dentelle; fringe; feather; trim$; ribbon$",
    "badge": "badge; name ?(tape|tag|label)s?; labels?$; monogram; initials?; embroider; logos?$; insignia; crest; iniciales; bordar; brod[eé]; ecusson; patches onto; (her|his|my|their|our|kids?|a) names?$ (in|on|put|sewn|sewing|into|inside)|names? (put|sewn|sewing|in|on|into|inside)$; number on; rank$ ; unit patch; stripes on; scout; lettering",
    "fall": "falls?$(?! (off|apart|down|out|to|into|from|through|over|open|short)); pico; fall ?pico; pallu; kuchu; edging",
    "closure": "closures?$; corset back; lace up; lace ups?$",
}  # fmt: skip

# ------------------------------------------------------------------------------------------------ what is wrong, what is wanted

OPS = {
    "shorten": "(bit|tad|touch|shade|fraction|smidge|hair|smidgen) (too |on the )?long$; shorten; shortn; reduc(e|es|ed|ing|tion)$; short(er|ened|ening)$; (too|to|2|so|way|far|miles|much|bit|inches?|inchs|cm|very|still|rather|quite|little) long$; too much length; take\\w* .{0,25}up$; taking .{0,25}up$; took .{0,25}up$;"
    "hemm(ed|ing)?$; hem (them|these|it|this|my|em|the|a|and|to|please|for|both|two|three|at|by|up)$; (need|want|require)s? (a |to be )?hem; (raise|lift|bring up|come up|go up|move up) (the |its |their )?hem;"
    "(inch(es|s)?|cm|centimet\\w+) (off|up|shorter); (cut|chop|lop|trim|crop)\\w* .{0,22}(off|down|length|short|shorter|back)$; chop; crop(ped)? (them|these|it)?; length\\w* off;"
    "up (about |by )?(an?|one|two|three|four|five|half|\\d+([.,]\\d+)?) ?(an )?(inch|cm|centim)|up by; to go up; needs? to come up; (wants?|needs?) taking up; taken up; turn\\w* (them|these|it|up)( up)?$; turned up;"
    "acort\\w+; larg[oa]s?$(?! corto); raccourc\\w+; trop longu?e?s?$; longu?e?s$; subir(le|les)? (el )?(bajo|dobladillo|largo); coger(le)? (el )?(bajo|dobladillo); meter(le)? (el )?bajo; arreglar (el )?bajo;"
    "faire (un |l |les )?ourlet; (un |l )ourlet (a|sur|de); reprendre (l |un )?ourlet",
    "lengthen": "(bit|tad|touch|shade|fraction|smidge|hair) (too |on the )?short$; shortened .{0,20}too (much|far|short); lengthen; longer$; (too|to|2|so|way|far|bit|inch(es)?|cm|very|rather|quite|indecently|little) short$(?! (sleeve|for a))(?!er); let\\w* .{0,22}down$; (come|bring|drop|take|go) (it |them |the hem |the sleeves? |the arms? |this |these )?down (a|an|by|some|two|three|one|as|couple)|drop the (hem|sleeve|arm); hem (to|left).{0,12}down;"
    "more length; extra length; add (some |more |a bit of |any )?length; as long as (they|it|you|possible); down (a|an|by|one|two|three) (inch|bit|cm|couple|few); not long enough; isnt long enough; arent long enough;"
    "alarg\\w+; rallong\\w+; trop court\\w*; court(e|es|s)?$; cort[oa]s?$; bajar(le)? (el )?(bajo|dobladillo); sacar(le)? (el )?(bajo|dobladillo)",
    "takein": "(bit|tad|touch|shade|fraction|smidge|hair) (too |on the )?(big|loose|wide|large|roomy)$; (is|are|look|looks|feel|feels) (wide|big|large|huge|enormous|massive) (at|in|round|around|on|across)|reprendre|reprise sur|slimmer$(?! (leg|ankle)); baill\\w*;more tailored; tailored (fit|look|in|through|better|at); tak(e|en|es|ing) .{0,30}in$(?! (to|for))(?! the (post|shop))|took .{0,20}in$; bring(ing)? .{0,22}in$; (tak(e|ing)|lose|remov\\w*) .{0,20}out (of|at|from) (the|each|both|my|it|this|these|either); come in (a|an|by|at|about|some|quite); brought in$; (too|to|2|so|way|far|bit|very|much|rather|quite|miles|still|sizes?|little|all) (big|loose|baggy|wide|large|roomy|full|boxy|broad|slack)$; loose$(?! (thread|button|hook|bead|sequin|at the hem|stitch|lining|end|hem));"
    "baggy; bagg(s|ier)$; gape?s?$; gap(p?ing)?$; loose(n)? fit$; roomy; oversize; slimm(er|ed|ing)? (fit|down|it|them|the (body|shirt|sides|jacket|dress)|this); slim ?fit; fitted$; more fitted; slim$(?! (the )?leg); slimm\\w*$(?! (the )?leg)(?! leg);"
    "nip\\w*; boxy; shapeless; tighter$; tighten(ed)?$; smaller$; size(s)? (too )?(down|smaller)|down a size|down (two|three) sizes; (a|one|two|three|couple of|few|2|3|\\d) sizes? (too )?(big|large); narrow(ed|ing)$; suppress\\w*; more shape; some shape; bit of shape; no shape;"
    "lose (an?|two|half|about|some|a couple)( of)?( half)? ?(inch|cm); lost (its|all) shape; too much (fabric|material|cloth|room)|(so|loads of|lots of|much|excess|extra|spare|surplus) (much )?(fabric|material|cloth|room) (round|around|at|in|across|on)?;"
    "ajustar; entall\\w*; estrech(ar|e|en)\\w*; estrechar; grandes?$; enormes?$; anch[oa]s?$; holgad\\w*; trop (grande?s?|larges?|amples?)$; cintrer; resserr\\w+; retrecir; floj[oa]s?$; meter(le)? (de )?(la )?(cintura|los lados|costados|pinzas|un poco); large$ (a|au|sur|pour|de)",
    "letout": "(bit|tad|touch|shade|fraction|smidge|hair) (too |on the )?(tight|snug|small)$; increas\\w*; enlarg\\w*; extend\\w*|extension; (another|extra|more) (half |two |three |few |couple of |good |\\d+ )?(an )?(inch|cm|centimet|couple of|bit of (room|space|ease)); seam .{0,22}to (get|give|let|play|work)|enough (seam|fabric|cloth|material|allowance);let\\w* .{0,30}out$; letting .{0,22}out$; bring .{0,14}out a; (too|to|2|so|way|bit|very|far|rather|quite|really|awfully|little|getting) (tight|snug|small|tite|narrow|fitted|close|restrictive)$; tight$(?! enough)|tightness; tite$; snug$|snugg; more room; extra room; some room; give me (some |more )?(room|space);"
    "room (across|in the|round|around|at|for); wider$; bigger$; larger$; widen; loosen(?! thread); looser$; ease$ ; eased; expand; (size|sizes?) too small; sizes? up$|up a size; add (a |in a |some )?(panel|gusset|insert|wedge|fabric|side panel); (put|sew) .{0,14}(panel|gusset|insert|wedge) in|(put|sew) in .{0,10}(panel|gusset);"
    "corset back; lace ?up back; (seam|cloth|fabric|material|allowance|anything|any|room)( allowance)? (to|left|inside|in there|to play)( to)?( let)?( give| play)?;"
    "apretad\\w*; estrech[oa]s?$; pequen[oa]s?$; trop (serre|petit|etroit|juste)\\w*; serree?s?$; elarg\\w+; ensanch\\w+; sacar(le|les)? (de )?(la )?(cintura|costados|un poco|los lados|tela); agrand\\w+; aprieta; soltar(le)? (la )?(cintura|costura)",
    "narrow": "taper\\w*; (slim|narrow|skinn)\\w* (down )?(the |these |my |their |in the )?legs?; (slimmer|narrower|skinnier|straighter|slim) (on |in |at |round )?(the )?(legs?|ankles?|calves|knees?)$|from (the )?(mid )?thigh( down)?; straight(er)? leg; (in)?to (slim|skinny|narrow|straight|tapered) ones|width (out of|off|from) the|close cut|turn (my|these|the) .{0,16}into (slim|skinny|straight); skinny$(?! jeans (are|have|is))|skinnier; narrower$; narrow$; bell ?bottom; boot ?cut(?! jeans (are|have|is|need|too|waist)); flares?$|flared$(?! skirt)(?! dress); wide ?leg(?! linen); (baggy|wide|enormous|huge|massive|floppy|flappy) legs?;"
    "legs? (are |is |are a bit |a bit |look |feel )?(too |so |very |way |really )*(baggy|wide|loose|big|enormous|huge|full|floppy|billowy|flappy|flap|flapping); (from|below) (the )?knee (down|to)|from the (thigh|knee); peg$|pegged; drainpipe; cigarette (leg|trouser|pant|cut); (hem|leg|bottom) (opening|width)|inch bottom; pitillo; fusel\\w+; ajustar (las |la )?pierna; resserrer les jambes;"
    "estrechar (las |la |estas |estos )?pierna\\w*; piernas? (muy |demasiado )?anch\\w+; jambes? (trop )?larges?",
    "replace": "replac\\w*; (a |one |fresh |brand |another |whole |complete |the )+new (one|zip\\w*|lining|elastic|fly|collar|cuffs|pocket|drawstring|slider|waistband)?$; new (one|zip\\w*|lining|elastic|fly|collar|cuffs?|pocket\\w*|drawstring|cord|waistband|band|trouser zip|pads?)$; chang(e|ed|ing)$ (the|my|its|it|this|out); swap\\w*; renew\\w*; redo(ne|ing)?$; reline; relin\\w+; fit (a|an|another|new); zip\\w* new$|new .{0,20}zip;"
    "(put|sew|fit|want|need)\\w* (in )?(a|another|some)? ?new; put another; another (one|zip); beyond (saving|repair|help|hope); past saving; had it$; needs changing; cambi\\w+; nuev[oa]; remplac\\w+; chang(er|ez|e la)$; neuf$|neuve$; nouvel\\w*; sustitu\\w+",
    "hole": "(a |the )cut (in|through)|slit in the|holes?$|holey$; hol in; torn$; tore$; tears?$; tearing$; rips?$; ripped$; ripping$; rent in; gash; slash(ed)?$; wear(ing|s) (out|thin|away|through); worn (right |clean |away |all )*(through|out|thin|white|at|paper|down|bare|to)|worn$; (went|gone|going|go|wore|wearing|wears|rubbed) (right |clean |straight )*(through|thin|bare|a hole); thread ?bare; shredded; shreds; in ribbons; to bits; (to|in) pieces; starting again; see ?through from wear; practically see ?through; (rip|tear|wear|gnaw|eat)\\w* (a hole|away|through)|tearing away; chewed; perish\\w*; rotted|rotten|rotting; disintegrat\\w*; gone bald|bald$; ragged; tatters|tattered; nicked$; gouge;"
    "agujer\\w+; rot[oa]s?$; rasg\\w+; desgarr\\w+; descosid\\w*; trou$|trous$|trouee?s?$; dechir\\w+; abim\\w*; (est|sont|ete|tres|toute?) usee?s?$; gastad\\w+; desgast\\w+; percee?s?$",
    "fray": "fray\\w*; shabby; ragged; tatty; scruffy; worn (out )?(collar|cuff); scruffy edge; along the (fold|edge); turn the (collar|cuffs); turned over$; worn (white|at the (edge|fold)|along); (deshilach|desflec)\\w+; effiloch\\w*",
    "darn": "invisibl[ey]\\w*( mend\\w*)?$(?! zip)(?! fasten); re ?weav\\w*; moths?$|motheaten|moth eaten; snag(s|ged)?$(?! on the zip); burn(s|t|ed)?$(?! calories); cigar[a-z]* ?burn; ember; ash (from|of); cigar$; singed; scorch\\w*; cigarette (burn|ash|mark|hole)|cigarette$; darn\\w*; pulled threads?|thread (is |has |got )?pulled|pull in (the|my); ladder(ed)?$; nibbl\\w*; something (ate|has eaten|been eating|got)|(ate|eaten|eating) (my|the|holes|at|through)|velcro|(pulled|caught) a (loop|thread|stitch)|loop (has |is )?pulled; claw\\w*; polilla; mites?$; brul\\w+; quemad\\w+; (small|tiny|little|pin) ?(round )?holes?; zurcir; remaill\\w+; stopp\\w* invisible; reprise\\w*; eaten (by|into)|been eating|got at",
    "patch": "patch(es|ed|ing)?$(?! pocket); parche; rapiecer; cover over the; coudieres?; rodilleras?; coderas?",
    "open": "split(s|ting)?$; (come|came|coming|comes|has come|coming all) (un\\w+|apart|open|away|loose|adrift|off|undone)$|hem\\w* (has |have |is |s )?(come|dropped|fallen|coming|falling|hanging) (down|undone|off); undone$; unravel\\w*; unpick\\w*; unstitched; (opened|opening|open) up$; opened$; burst\\w*; popped$|pops$|popping$(?! out to); gone at the seam|seam (has |is |s )?gone; blown( out)?; gave way (?!underneath);  given way; given out; let go$; give out; (sewn|sew|stitch(ed)?|restitch\\w*|resew\\w*|re sew\\w*|re stitch\\w*|tack\\w*) (back|up|together|down|it|on); (close|sew) (up )?(a |the |this |an )?(open |split )?seam|open seam|closed$;"
    "descos\\w+; abiert[oa]s?; decous\\w+; ouvert\\w*; se ha abierto; craqu\\w+; reventad\\w*; saltad\\w*",
    "missing": "shed(s|ding)?$; about to go$; click shut|(wont|doesnt|not) (click|snap) (shut|closed|together); sew .{0,14}back on$; (keeps?|kept) (the|a) (button|one); missing$|missin$; lost$ (a|an|two|three|four|one|my|the|some|its|their|all|half|both|several|\\d)|lost (a|two|three|the|some|its) .{0,12}(button|bead|sequin|hook|snap); fall(en|ing|s)? (right )?off$|fell (right )?off$|falling out|fell out|fallen out; drop(s|ped|ping)? off$; (came|come|coming|comes|has come) off$; hanging (off|by|on by|loose|on)|(hang|hangs) by; dangl\\w+; ping(ed)? off; pinged$; wobbly; vanished; disappear\\w*; gone$|gone missing; flew off; popped off; pulled off; ripped off; torn off; loose thread; loose$;"
    "falt\\w+; manque\\w*; perdi\\w+ (un|el|dos|los|uno|una); (se )?(me )?(ha|han) caido; perdu (un|le|mon|deux|les)",
    "broken": "shot$(?! up); corroded; brok\\w*; broke$; bust(ed)?$(?! is)(?! line)(?! and)(?! dart)(?! padding); bust on; ruin\\w*; damag\\w*; wreck\\w*; knackered; kaput; buggered; packed (in|up); given up; snapp\\w*; not working|doesnt work|wont work|stopped working; failed$|failing; dodgy; duff$; fault\\w*; no longer (work|hold|close)\\w*; fix(ed|ing)?$; repair\\w*; mend(ed|ing)?$; sort(ed)? out; arregl\\w+; repar\\w+; casse\\w*; estrope\\w+; gone$(?! through)(?! up)(?! in)(?! (saggy|slack|baggy|ragged|shabby)); (has|have|had) it$; fucked; reinforc\\w*; strengthen; secure$",
    "stuck": "stuck$; jamm?\\w*; stick(s|ing|y)?$; off (its|the|one side of the|of the) ?(track|rail|runner)|off (track|one side)|derailed; came off in my hand; puller?$|pulls?$(?! (in|across|at|on|up|over))(?! thread); sliders?$; slides?$ (off|broke); pull ?(tab|tag|tab)|zip(per)? (pull|tag|tab|head|toggle); (wont|doesnt|cant|will not|not|cannot) (move|budge|go up|go down|pull up|come down|slide|run|catch)|wont (stay|keep) (up|closed|shut|done up)?; caught in; (open|split|come apart|separat|part)\\w* (open )?(behind|below|under|beneath)|(opens?|comes open|splits|splitting|separates|gapes) (up |open )?(by itself|again|on its own|behind); keeps (splitting|opening|coming open|separating|sticking|catching); atasc\\w+; coinc\\w+; enganch\\w+; bloque\\w*; curseur; tirador; waxing|lubricat\\w+; stiff$",
    "press": "press(ed|ing)?$(?! ?studs?)(?! the)|press the; squashed (in|up|flat); steam\\w*; iron(ed|ing)?$; creas\\w+; wrinkl\\w+; crumpl\\w+; crush\\w*; rumpled; planch\\w+; repass\\w+; froiss\\w*; arrugad\\w*; defroiss\\w*; ready to wear; flattened out|hang the creases",
    "raise": "rais(e|ed|ing)$; higher$; less (revealing|low|open); cover (me |it |her |up|my)\\w*; show(s|ing)? (too much|off too much|everything|my (bra|chest|cleavage|boobs|bust))|(too much|bit too much) (on show|showing|chest|skin|front|cleavage)|too much (cleavage|skin|chest|bust|on show); (too|so|very|bit|rather) (low|revealing|plung\\w+|deep|open|daring|bare|sexy|exposed)$; modest\\w*; exposed$; expos(es|ing)$; plung\\w+; revealing$; fill(ed|ing)? in$; filled; (lean|bend|bends|leaning|bending|stoop)\\w* (over|forward|down)|lean over|bend over; close (up )?(the|a) (v|gape|front|gap)|(gape|gaps?|pops?) (open|shut|forward)?( at the (front|neck|top))?$; see (right |straight )?down|on display|less chest|less cleavage|look down|see my bra|see (everything|straight down); flash\\w*; demasiado (bajo|escotad)\\w*; trop (decollete|profond|echancre)\\w*; escotad\\w*; panel (in|at) the (front|neck|v)",
    "slip": "slip(s|ping|ped)?$ ?(off|down)?; sliding off; slid(e|es|ing)$ (off|down); fall(s|ing)? (off|down) (my |her |the )?shoulders?; (keep|keeps|always) (fall|slid|slip|com)\\w*( off| down)?; se caen; tomb\\w+ des; glissent; resbal\\w+",
    "remove": "remove\\w*; take .{0,22}off$(?! the (bottom|hem|length|leg|sleeve))(?! (them|these|it) )|sleeveless; get rid of; lose the; without (the )?sleeves?; cap sleeve; strip off; unpick; quitar; enlever; retir(er|ar); cut (the )?sleeves? off; rip out|rip off the",
    "add": "(stitch|stitched|sew|sewn|sewing|put|fitted) in$; add(ed|ing)?$|add (a|in|some|an|on|two|extra)|adds$; put (some|something|a|in|an)|put .{0,12} in$; sew(n|ing)? (in|some|into|cups?)|sewn in|sew in; insert\\w*; install\\w*; poner(le)?$; ajout\\w+; anadir; mettre (des|un|une)|built in; attach\\w*; sew .{0,22}(on|onto|to|into)$; sewn (on|onto|in)|sewing (on|onto|in); coser(le)?$; coudre; poser; stitch .{0,10}on$; move\\w* (the|a|over|them)|moved$",
    "make": "make .{0,18}(from scratch|for me|to order)|made (from scratch|to (order|measure))|from scratch; bespoke; design (me|a|my); (sew|make|stitch) (me )?(a|an|new) (new )?(suit|dress|shirt|blouse|skirt|gown|pair|outfit|coat|saree blouse|lehenga|costume); out of this (cloth|fabric|material)|from (this|my|your) (own )?(cloth|fabric|material|pattern|sketch|photo|picture); copy (of )?(this|a|my|it)|copied; replica; hacer un traje; faire (une|un) (robe|costume) sur mesure|sur mesure; a medida$",
}  # fmt: skip

# ------------------------------------------------------------------------------------------------ pictures that say it all

# (words, part, what is wanted). No part: the garment tells. Several pictures may be true of one request.
PICTURES = [
    # too long
    ("trip(s|ped|ping)?$ (over|on|up)?; (walk|step|stand|tread|trod|stood)\\w* on (it|them|the (front|hem|bottom|edge|back)|my (hem|trouser|dress|skirt|jean|gown)); tread\\w* on; step\\w* on; stepp\\w* on; walking on; drag(s|ged|ging)?$; trail(s|ed|ing)?$; puddl\\w+; pool(s|ing|ed)?$(?! party); sweep\\w*; bunch(es|ing|ed)?$ (up )?(at|over|on|round|around); bunch up; (over|under|past|beneath|cover|covers|covering|hides?) (my |the |his |her |your )?(shoes?|heels?|feet|ankles?|boots?|trainers?|toes?)$;"
     "(on|touch\\w*|hit\\w*|brush\\w*|scrap\\w*|mopp\\w*|clean\\w*|off) the (floor|ground|pavement|carpet|mud); floor length (but|and) too; (stack|concertina|crumpl|break|pile|gather|fold)\\w* (up )?(at|on|over|round|around) (top of )?(the |my )?(ankle|shoe|feet|foot|trainer|boot)\\w*|roll\\w* .{0,18}(over|up) (two|three|twice|four|several|a few)( times)?|to roll (them|these|my)|(made|meant) for giraffes|(in|of) length(?! hem); rolled? (them|it|these)? ?up( (twice|at the|every))?; roll (them|it|the (bottoms|legs|hem)|these) up; no break; concertina\\w*|ankle graz\\w*|(backs?|bottoms?|ends?) of my (new )?(trousers|chinos|jeans|pants)|gather(s|ed)? (at|round|on) (the|my) (shoe|trainer|ankle|foot|feet|heel)s?|kick\\w* (the|it|my)|(made|cut|meant|built) for (a giant|someone (taller|six)|giants|a taller)|(taller|inches taller) than (me|i)|(instead of|not|rather than|no) heels|pumps|ballet|(decided on|wearing|in) (flats|pumps|trainers|sandals|flat)|barefoot|show .{0,12}(more|bit of) leg|knee ?cap|(lose|losing|los(t|es)|remov\\w*) .{0,20}(off|at|from) (the )?(length|bottom|hem|leg)s?; heels? (go|going|catch|catching)\\w* (through|in) the; fray\\w* at the back from walking; arrastr\\w+; tropiez\\w+|me piso|pisando; train(e|ent) par terre; traine par; marche dessus; longs? leg;"
     "(finish|end|stop|come|sit|hit|land|fall|be|finished|reach)\\w* (just |right |bang )?(at|on|above|to|below|over) (the |my |her )?(knee|ankle|calf|mid ?calf|shin)s?$(?! and)|(hits?|reach\\w*|comes?) (me )?(at |to )?(mid ?calf|my shins|the floor|below the knee|my ankles?); knee length; mid ?calf; ankle length; tea length; above (the|my|her) knee please; just above (the )?(knee|ankle)?; to the knee; (im|hes|shes) (only )?(short|petite|5 ?(foot|ft)|five foot|tiny)|i am (short|petite|only); i m (short|petite|only|a short)|i m 5; petite$; short legs; (got|have) (little|tiny|stumpy|short) legs; (inch|\\d\\d|to|inches) inside leg|inside leg (of|to|is|should|needs)|(all )?to (a )?\\d\\d( inch| inches| leg)$|getting (wet|dirty|muddy)|swallow\\w* my (shoes|trainers|feet)|(down|goes|reaches|right) to (my|the) (ankles?|floor|feet)|supposed to be a (mini|midi)|(is|be) a (midi|maxi) on me; \\d\\d leg; leg length; wearing flats|in flats|with flats|flat shoes|low heels|even (in|with) (my )?(heels|stilettos)|changed my shoes",
     "hem", "shorten", 0.9),
    ("(cover|drown|swallow|swamp|hide|hang over|come over|past|over|down to|down over|beyond|flap over|reach|to|half|hit|hits)\\w* (half |most of |right )?(down )?(my |the |his |her |your |of my )?(hands?|knuckles?|fingers?|finger ?tips?|thumbs?|palms?)$; no hands|as if i have no hands|(fold|folding|folded|turn|turning|roll|rolling|rolled|push|pushing)\\w* (back )?(the |my |up |up the |up my |over the )?(cuffs?|sleeves?)|(base|bottom) of my thumb|(to|at|up to|on) (my |the )?wrist( ?bone)?$|(shirt|cuff) should (show|peep)|(bit|inch|cm|half) of shirt|t rex; orang\\w+; gorilla; (no|any|bit of|some|my|hide my|hides? my|show) (shirt )?cuffs? (is |to )?(showing|show|at all|entirely|peep\\w*)|(bit|half an inch|some|inch) of (shirt )?cuffs?; half my hand; show some cuff; shirt showing; dip in(to)? my (soup|food); cannot see my hands|cant see my hands; (keep|have to) (push|roll)\\w* (my |the |up the |up my )?(sleeves|cuffs)( up)?; (tapan|cubren) (las|mis) manos; couvrent (les|mes) mains",
     "sleeve", "shorten", 1.0),
    ("longer than my jacket|hangs out (below|under)|long enough to be a dress|like a (nightie|nightshirt|dress)$|covers my (bum|backside|bottom)|untuck\\w*|wear it out", "hem", "shorten", 0.6),
    # too short
    ("grown (since|so|again|a|out|taller|three|two|loads|like)|grew$|growth spurt|shot up|growing (out|fast|like|so)|sprouted; ankle ?swing\\w*; look like shorts|(my|a) (little|baby|kid|younger|wee) (sister|brother)s?; can (it|they) be reversed; half ?mast; high ?water; in a flood|floods$|had a flood; (see|show|showing|shows|expos\\w*) (his |her |my |their |all |the )?(socks?|ankles?|shins?|calves)$; ankles (show|out|visible|are showing); shr[au]nk$(?! (round|around|in the (waist|chest)))|shrunk in length; (rid(es?|ing)|hik(es|ing)|creep\\w*|ris(es|ing)) up; above (the |my |her |his )?(knee|ankle)s? now|well above; flashing (her|his|my) ankles; (miles|inches?|couple of inches|cm) (above|off) (my|his|her) (shoes?|ankles?|boots?); indecent\\w*; barely covers; release the hem|hem allowance|facing$|false hem; han? crecid\\w+; a grandi; im tall$|i m tall|im (very|so|too|pretty) tall|for tall; take (the )?turn ?ups out; hemmed too (high|short)|(hem|hemmed|cut|taken up) (is |was |them |it )?too (high|much|far); (put on|grown|shot up|grew) (a |an |two |three |four |another )(inch|foot)\\w*|(cant|cannot) (sit|bend) .{0,8}decent\\w*;  swing\\w* round (his|her|my) (shins|ankles|knees)|shins; (want|like|need|cover\\w*|show\\w* less|hid\\w*) .{0,14}more (leg|knee)|(less|more) leg (covered)|cover\\w* .{0,14}(leg|knee|bum|bottom)s?$; (gone|went|come|crept|shrunk|shrank) up( an?| two| three| by| in| about)* ?(inch|cm|inches|bit|lot)?\\w* in the (wash|dryer|drier|laundry); deep hem|(came|come) up (small|short) in the leg|big hem|hem (is )?deep|generous hem",
     "hem", "lengthen", 0.9),
    ("wrists? (stick|poke|show|bare|hang)\\w*|(stick|poke|show)\\w* (out )?(my )?wrists?; (stop|end|finish|come|are|is|sit|go|reach)\\w* (only )?(half ?way|way|well|inches|short|just)? ?(up|above|below|short of) (my |the )?(fore ?arms?|wrists?|elbows?); too much (shirt )?cuff; (sleeves?|arms?) (have |are |has )?(ridden|ride|riding|shrunk)\\w*|at my elbows|(another|extra|more) (inch|cm|bit) (of|in the|on the) (arm|sleeve)s?|arms? (have |has )?outgrown|outgrown .{0,12}(arms|sleeves); long arms; arms (are )?(about |an? |half |two |three )*(inch|cm|bit|tad|too|inches) ?(or so )?(too )?short; munecas", "sleeve", "lengthen", 1.0),
    # too wide
    ("(hang|hangs|hanging|hung) (right |straight )?(off|on) (me|him|her|my)|just hangs|hangs on me|hangs off|hangs like; (fall|falls|falling|fell|fallen) (right )?(down|off me|off my (hips|waist|bum))$(?! my shoulder)|falling off me; (wont|doesnt|dont|not|never|cant keep (it|them)|keep them) stay(ing)? up; keep\\w* (it|them|these|my \\w+) up; (pull|hitch|hoik|hoist|yank|tug)\\w* (it|them|these|my \\w+|the \\w+) (back )?up; pulling up; (slip|slid|slide|drop|sink|work)\\w* down(wards)?$; swim\\w* in (it|them|this|these)|swimming in; swamp\\w* (me|him|her)|(drown|swallow)\\w* (me|him|her|in)(?! (hand|in))|drowning in; (lost|losing|shed|dropped|lose|loosing|lost about|lost over) .{0,16}(weight|kilos?|kgs?|kg|pounds?|stone|lbs?|inches|sizes?|dress size|timber|stones|chunk|bit of me)$; slimmed( down)?$(?! fit)|slimmer than|thinner (now|than|since); (since|after|on) (my |the |a )?(diet|gastric|op\\w*|chemo|illness|surgery|baby|marathon|divorce)(?! .{0,10}(gain|put))|on a diet|been dieting|ozempic|slimming world|weight watchers; (like|as) (a |an )?(sack|tent|bag|parachute|balloon|curtain|bin bag|poncho|duvet|sail|clown|box|kite)$|sack$|clown$; tent ?(like)?$(?! pole); balloon\\w*; billow\\w*; puff(s|ing|y|ed)?$ (out|up)?; flap\\w* (about|around); blous(es?|on|ing) (out|over)|blousing; (need|have|having|got|wear|wearing) (to )?(wear |have )?(a |my |to wear a )?belt|with a belt|belt on; safety ?pin|(held|holding|hold) .{0,16}(pins?|clips?|pegs?)|with (a )?(pins?|pegs?|clips?)( at)?|pinn(ed|ing) it|braces$|half the (man|woman|size)|(stands?|sits?|sticks?|comes?|gapes?|pulls?) (right )?(away|out|off) (from|at) (me|my|the (back|body|waist))|sits? on my hips|follow my (curves|shape|figure)|hug me|hug my|wraps? (a?round|over) me|(off|down) my (hips|waist|bum)$|sticks? out|like a shelf|turns? (back to front|round|around)|for two people|down to a (size )?\\d\\d?|(my|to) (curves|shape)$|room for (a|two|another|an)|have a waist$|(a |an )?(size )?\\d\\d?( dress| jacket| suit| skirt)? (and|but) (im|i am|ive|i have|now)|(gone|went|going|come|dropped|am) down (to )?(a|an|two|one)( waist| dress)? ?(size|sizes|\\d\\d?)|(for|on) a size \\d|inch(es)? (spare|to spare|of spare)|spare (at|up|in|round|around)|in my belt|notch|slip(s|ped|ping)? (round|around)|see (straight |right )?(into|down) the back|gym|lost the (belly|tummy)|(stopped|quit|given up) (drinking|eating|sugar|bread)|(size|sizes) (up|bigger|larger|too big) (from|than|for) (me|i)|(she|he|my \\w+) (is|s|was|wears) a (size )?\\d\\d? |down (about |a |two |three |some )?(inches|sizes|stone|kilos|\\d+) bulldog clip|pegs? at the back; spins? (round|around)|twists? (round|around); fist (down|in|into|between)|two of me|fit (two|another)|room for two|get my (whole )?(hand|fist|arm) (down|in); no longer (my size|fits? because); (is|are|was|were) (a |an? )?(size )?(8|10|12|14|16|18|20|22|44|46|48|50|52|xl|xxl|large|l) (and|but) (i|im|now|i am)|size \\d\\d? (and|but) i;"
     "he adelgaz\\w+|adelgaz\\w+; perdid\\w* .{0,10}(peso|kilos?)|(he|ha) perdido peso; bail\\w+ (dentro|en)|me baila|se me cae(?! un| el| la)|se me caen; maigri\\w*; perdu .{0,10}(poids|kilos?); je nage|flotte; stopped (nursing|breast ?feeding); bought (it |them )?(a |too |one )?(size )?(too )?(big|large); hand me down|my (dads?|grandads?|grandfathers?|brothers?|husbands?|mums?|sisters?) old",
     None, "takein", 0.85),
    ("strapless", "body", "takein", 0.35),
    ("clown", "legs", "takein", 0.7),
    ("(flap|flapping|flappy|swish|billow|balloon)\\w* (a?round|about|against|over) my (legs|thighs|calves)|legs? (flap|flapping|flappy|swish|billow|balloon|swing|ballooning|swamp)\\w*|(from|of|in) the (nineties|90s|seventies|70s|eighties)(?! shoulder)|parachute (pants|leg)|dated (cut|leg|shape)|more modern|bit (more )?modern|dad jeans|mom jeans|mum jeans|modernis\\w*|moderniz\\w*|flapping about my|less (fabric|material) .{0,14}(calves|legs|thighs)|(narrow|slim|make) the bottoms|look like flares|(more )?modern (cut|leg|shape|fit)|(want|like) (them|these) (slim|slimmer|skinny|tight)|like the pair|clown trousers|around my (calves|thighs)|round the (thighs|calves)|elephant", "legs", "takein", 0.85),
    ("shoulders? (stick|hang|droop|fall|come|sit|poke|jut)\\w*( out| off| past| over| down)*|(hang|hangs|drop|drops|sit|sits|come|end|ends|droop|slope)\\w* (half ?way |an inch |right |well )?(down|off|past|over|beyond) (my |the |his )?(arms?|shoulders?|own)$(?! strap)|shoulder (seams?|line|points?) (is|are|sit|hang|come|go|past)|american football\\w*|linebacker|quarterback|shoulder ?pads?|padd(ing|ed) (at|in|on) the shoulders?|rugby player|shoulders? (is |are )?(an? )?(inch|cm|bit|much|way|far|\\d+)? ?(inch |cm )?(too|very) (wide|broad|big)|eighties shoulder|80s shoulder|power shoulder|joan collins|dynasty|dent (at|in) the (shoulder|sleeve)|past mine", "shoulder", "takein", 1.0),
    ("more (of a )?(shape|waist)|(give|add|put|want|like|need)\\w* (it |this |them )?(some |a bit of |more |a )?(shape|waist|definition)|sharper|(nicer|better|closer|neater|trimmer|slimmer|more tailored|tailored|more flattering|italian) (fit|look|cut|silhouette|line)|no waist|unflattering|hides my (waist|figure)|figure|hourglass|cinch\\w*|straight up and down", "body", "takein", 0.75),
    # too tight
    ("(deep breath|take a breath|breathless)|elastic band (to|through|round|on)|nothing (buttons|fits|does up|zips)|had a baby|rubber band|hair ?tie|seams are (screaming|straining|crying)|eased( out| an)?|cant (breathe|move|lift my arms|raise my arms|cross my arms|drive|hug|bend|get (it|them|this|these|my \\w+|into|in|the \\w+) ?(on|up|over|closed|done|past|into|shut|round|together|it|them|these|this)?)|cannot (breathe|move|bend|get (it|them|into))|under stress|(up to|over|past|to) my (ribs|hips|thighs|bust) (and|but)|then (the zip |it )?stops|(leave|left|wear|leaving) .{0,18}(undone|open|unbuttoned)|(gone|went|going) up (a|one|two|an?)( waist| dress)? sizes?|put on (a|one|two) sizes?|(hard|difficult|struggl\\w*) to (breathe|sit|get)|cant (do|get|zip|button|fasten|close|pull|squeeze)\\w*( (it|them|this|these|the|my|up) ?)*|cannot (do|get|zip|button|fasten|close)|(wont|will not|doesnt|does not|dont|do not|not|no longer|wouldnt|didnt|barely|hardly|nearly|never|isnt|struggle\\w* to|unable to|refuses? to) (quite |even |actually |really )?(close|do up|doing up|zip|zip up|button|button up|meet|meets|fasten|fit|fits|go round|reach|reaches|closes|fastens|come together|go over|go past|go across|zips|buttons|do)( |$)(?!the bill);"
     "(gained|put on|gain|putting on|packed on|piled on|gaining) .{0,24}(weight|pounds?|kilos?|kgs?|stone|lbs?|few|bit|timber|inches|muscle|muscles|size)$; weight gain; (pregnan\\w*|expecting|baby bump|bump$|maternity|months? (gone|along|in)|trimester); broader$(?! than mine)(?! for); bulked (up|out)|gym$ .{0,14}(paid|muscle|bigger|chest|shoulders|arms)|been lifting|work(ing)? out|body ?build\\w*|muscle; (dig|digs|digging|cut|cuts|cutting|pinch\\w*|press\\w*|squeez\\w*|squash\\w*(?! in (the|a))|squish\\w*|constrict\\w*|restrict\\w*|crush\\w*|throttl\\w*|strangl\\w*|bind|binds|binding) (in|into|me|my|at|across|round|off)|squeez\\w*|constrict\\w*|restrict\\w*; muffin top|spills? over|like a sausage|sausage; strain\\w*|bursting|pull(s|ing)? (in an x|across|tight|when|at the (button|front|chest|bust|back)|over the)|(in|an|makes an) x (across|at|on|over)|x shape|x crease; (too|so) (much|many|well) (at|over|on) (christmas|holiday|lunch|easter)|(eat|ate|eaten|eating) (too|so|well|comfort)|comfort eating|christmas dinner|too many (mince|pies|beers|dinners|cakes|pints)|middle ?aged? spread|beer belly|covid|lockdown|menopaus\\w*; (leaves?|left|leaving|get|gives?) .{0,12}(marks?|dents?|welts)( on me)?|red marks?|lie (down )?on the bed|suck (it|my|in)|hold my breath|breathe in|im due|due (in|date)|baby (weight|belly)|after (the|my|having) (the |a |my )?baby|since (having|the) (the |a |my )?(baby|twins|kids)|(muffin|love handles)|(inches|inch|cm) apart|lacing|outgrown|outgrew|grown out of; missing (about |by )?(an? |two |three |\\d+ )?(inch|cm)\\w*|(by|an?|about|\\d+) (about |an? )?(inch|cm|inches|couple of inches) (gap|short of|apart|from closing|too small)|gap of|inch(es)? (apart|short of)|won?t by|close by; (he|ha) engordad\\w*|engord\\w+|(no|ya no) (me |le )?(cierra|abrocha|entra|cabe|sube|puedo (cerrar|abrochar))\\w*|embaraz\\w*; (pris|prendre) .{0,14}(poids|kilos?)|grossi\\w*|enceinte|ne (ferme|peux|rentre|passe|boutonne|puis)\\w*|peux plus (la |le |les )?(fermer|boutonner|mettre)",
     None, "letout", 0.9),
    # damage
    ("(keys?|coins?|phone|change|money|pens?|cards?|wallet|loose change|airpods) .{0,24}(fall|drop|slip|go|slide|disappear|end up|vanish|lose|slid|lost|fell)\\w*|fall\\w* through into|(lost|lose|losing) (my )?(keys|coins|change)|coins (go|fall)|down my leg$|straight (down|through)|pocket lining|pocket bags?", "pocket", "hole", 1.0),
    ("chafed|gave way underneath|crouch\\w*|top of the legs|thighs? (destroy|eat|kill|wear out|have worn|rub|rubs|rubbing|chafe|touch)\\w*|rub(s|bing)? together|chub rub|saddle|cycling|on my bike|rode|riding has|squat\\w*( down)?|bent (down|over)|lung(ed|ing)|(did|doing) the splits|split .{0,14}(seat|bum|crotch|bottom|arse)|crotch", "crotch", "open", 0.7),
    ("squatted|bent (down|over)|lung(ed|ing)|right on the seat", "seam", "open", 0.7),
    ("(caught|catch|snagged|ripped|tore|torn|caught it|got it caught) (it |them |my \\w+ |the \\w+ )?(on|in|by) (a |an |the |some |barbed|brambles|thorns|my|her|his)|barbed wire|brambles|the (dog|cat|puppy|rabbit|mouse|kitten)s? (chew|ate|eat|got|has|claw|bit|scratch|had|pulled|tore)\\w*|l shaped|fell over|fell off (my|his|her|a)|playing football|football|skateboard\\w*|came a cropper|on a nail|door handle", None, "hole", 0.7),
    ("(playing|play) (football|rugby|out)|playground|on (his|her|their) knees|kneel\\w*|crawl\\w*|skateboard\\w*", "knee", "hole", 0.6),
    ("arm (goes|go|gets|got|slips|catches|caught|slides|ends up) (in|into|through|between|lost|stuck|behind)\\w*|(hand|arm|fingers) (goes|go|gets|catches?) (into|in|through|inside) the (lining|wrong)|hang\\w* (down )?(below|out of|beneath|under) (the )?(hem|sleeve|bottom)|peep\\w* out|drops? below the hem", "lining", "hole", 0.7),
    ("stretched( out)?|no (ping|stretch|spring|give|bounce|snap|elastic) (left|in|any)|(gone|went|goes|all|so|is) (slack|saggy|floppy|limp|loose and stretchy)|lost (its|the|all its|all) (stretch|elastic\\w*|ping|grip|spring|snap)|perished|overstretched|(dont|doesnt|wont|not) grip( any ?more)?|(wont|doesnt) (grip|hold|snap back|spring back)|drawstring|(came|come|pulled|lost|vanished|gone) (out )?(in|of|from) the (wash|waistband|casing)", "elastic", "replace", 0.75),
    ("teeth|tooth (is |are )?(missing|gone|broken)|lost its teeth|(half|some) (the|its) teeth|bottom (pin|stop|box)|insertion pin|(wont|doesnt|wouldnt) (hook|click|link|catch|engage|join) (together|at the bottom|on|in)?|separated (from|at) the|zip (has |is )?(ripped|torn|come) (out|away|off)", "zip", "replace", 0.7),
    ("teeth (look|are|seem|all)? ?(fine|ok|okay|good|intact|there)|nothing (is )?missing|otherwise fine|zip itself (is )?(fine|stays|ok)|nothing (is )?wrong with the teeth", "zip", "stuck", 1.0),
    ("gap (at|in|behind|between) the (back|neck|collar|nape)|(stands?|sits?|rolls?|pulls?|bulges?) (away|off|up|back) (from|behind|at) (my |the )?neck|collar (gap|roll|stands)|roll (of cloth |of fabric )?(behind|below|under|at) (the |my )?(neck|collar)|collar doesnt sit", "collar", "lower", 1.0),
    # the rest of the trade
    ("dancing|dance$|reception|after the ceremony|walk(ed|ing)? backwards|hook\\w* (it |the train )?up|pin (it|the train) up|loops? (and|to|for|or)( hold)?|hold (it|the train|my train) up|off the (floor|ground) for|(gets?|getting|keeps?) (walked|trodden|stepped|stood) on|french|american bustle|over ?bustle|(pick|lift|carry|gather|hold)\\w* (the train|my train|up the back|the back|(it|all that|the thing) .{0,14}(dance|evening|night|party|reception))|carry it|(cathedral|chapel|court|sweep|long) train", "train", "add", 0.8),
    ("backless|cant wear a bra|without a bra|(rather |do|did|dont want to|want to|instead of|not|no|go|skip) (not )?(wear|wearing|have|need) (a |my )?bra|bra ?less|built ?in (bra|support|cups?)|for support|more support|some support|hold (me|itself|everything) (in|up)( itself)?|holds? itself up|keep (the girls|everything|me) (in|up)|nipples?|see ?through (at|on|over) the (bust|chest|top)|structure|bones?$|corsetry|push ?up|(top|bodice|front) (from )?(collaps|flopp|droop|fold)\\w*|stop (the |it )?(top|bodice|front) (collaps|flopp|fall|slip|droop)\\w*|hold\\w* .{0,8}shape|so i can go without|without underwear|pads? (go|put|sewn|in)|sewn in bra", "bust", "add", 0.9),
    ("gap(e|es|ing|s)? (at|in|round|around|under|over|on) (the |my |her )?(bust|armhole|arm ?holes|chest|side of (the )?bust)|bust (is )?(too )?(big|loose|empty|gap\\w*|gape\\w*)|(dont|cant|doesnt) fill (the|it|out)|too much room (in|at) the bust|small bust|flat chest\\w*", "bust", "takein", 0.9),
    ("(slips?|slipping|slides?|sliding|falls?|falling|fall|keep falling|drop|drops|dropping|come|comes|coming) (right )?(off|down) (my |her |the |one )?(shoulders?|arms?)$|off the shoulder", "strap", "slip", 1.0),
    ("lift\\w* (it |the dress |the top |the whole thing |the front |this )?(up )?(at|from) the shoulders?|sits? too low (because|as|since)|arm ?holes? (are|is|too) (low|big|deep)|neckline (low|drops) because", "strap", "shorten", 0.7),
    ("(original|factory|old|existing|worn|washed|faded|distressed|raw|frayed|selvedge|selvage|same|manufacturers?|euro|european|authentic|native) (washed )?(hem|edge|bottom|bottoms|stitch\\w*|finish|bit|look|wash)|keep (the |that |its |their )?(original|faded|washed|worn|old|same|existing|frayed|raw|bottom|edge|hem|look)|(faded|worn|distressed) bit|reattach|re attach|put (it|the hem) back|lose the (factory|original|worn)|chain ?stitch|ourlet americain|ourlet d origine|bajo original", "hem", "shorten", 0.55),
    ("walking|kick pleat|vent (is|has|came|in the) |slit (is|has|too)|split (is|s) too (high|low)|close (up )?(the|a|this) (slit|split|vent)|side ?slit|slit\\w*", "slit", "raise", 0.55),
    ("pick(ed)? up (stitches|threads)|thread (hanging|came|come|pulled)", "seam", "open", 0.4),
    ("white along|beard|stubble|gone along the fold", "collar", "fray", 0.7),
    ("for church|modesty|dips? (lower|low|down)|comfortable with|falls? forward|(have|has|had|throw) a fit|mother in law|father of the bride|collapsing at the front|behind the (plunge|v|front)|for (my )?(interview|work|the office|nan|grandma|mass|temple|mosque)|(front|top|chest) .{0,10}(too|so) (much|low|open)|show\\w* too much|too much (at|on|of) the (front|top)|stay(s)? put at the front|neck (is|was)?(too )?low|i feel (exposed|naked|bare)|look down (my|it)|bra (shows|showing|on show|visible)|see my bra|(pops?|falls?|comes?|gapes?|blows?) open (at|in|on|when|every)", "neck", "raise", 0.9),
    ("from the post|(been|was|is|just|straight) (in|out of) (a |the |my )?(suit ?case|box|bag|luggage|storage|loft|post|wardrobe)|without creases|creas\\w+|wedding tomorrow and|tidy up for|freshen|crisp|(knife|sharp|front|centre|center) (edge|line|crease|pleat)", "whole", "press", 0.85),
    ("(in|with|using) (navy|red|gold|white|blue|silver|black|green|pink|contrast) thread|(my|his|her|our|your|three) (initials|name|monogram|team|club|company)|\\w+s name$|name (put|sewn|written|labels?|tapes?|in)|iron on|school (labels|tapes)|scout|brownie|cub(s)? (badge|patch)|military|regiment\\w*", "badge", "add", 0.9),
]  # fmt: skip

# ------------------------------------------------------------------------------------------------ what is then done

# (part, what is wrong) -> (part, work, how surely). A part of None: no part was named.
SHORTEN, LENGTHEN, IN, OUT = "shorten", "lengthen", "takein", "letout"
DAMAGE = ("hole", "open", "missing", "broken", "fray", "patch", "darn", "replace")
LEADS_TO = {
    **{(area, op): [(area, op, 1.0)] for area in ("waist", "seat", "body", "bust", "legs", "shoulder", "knee", "crotch", "neck")
       for op in (IN, OUT)},
    ("sleeve", IN): [("sleeve", IN, 1.0)], ("sleeve", OUT): [("sleeve", OUT, 0.9), ("sleeve", LENGTHEN, 0.55)],
    **{("hem", op): [("hem", op, 1.0)] for op in (SHORTEN, LENGTHEN)},
    **{("legs", op): [("hem", op, 0.95)] for op in (SHORTEN, LENGTHEN)},
    **{("knee", op): [("hem", op, 0.8)] for op in (SHORTEN, LENGTHEN)},
    **{("sleeve", op): [("sleeve", op, 1.0)] for op in (SHORTEN, LENGTHEN)},
    **{("cuff", op): [("sleeve", op, 0.9)] for op in (SHORTEN, LENGTHEN)},
    **{("train", op): [("hem", op, 0.6), ("train", op, 0.5)] for op in (SHORTEN,)},
    **{(area, "narrow"): [("legs", IN, 1.0)] for area in (None, "legs", "hem", "knee", "seat")},
    ("sleeve", "narrow"): [("sleeve", IN, 1.0)], ("shoulder", "narrow"): [("shoulder", IN, 1.0)], ("body", "narrow"): [("body", IN, 0.9)],
    ("waist", "narrow"): [("waist", IN, 0.6)],
    ("cuff", IN): [("sleeve", IN, 0.5)], ("hem", IN): [("legs", IN, 0.6)], ("collar", OUT): [("collar", OUT, 0.9)], ("collar", IN): [("collar", "lower", 0.6)],
    ("crotch", SHORTEN): [("rise", "alter", 1.0)], ("crotch", "raise"): [("rise", "alter", 1.0)], ("crotch", "slip"): [("rise", "alter", 0.7)],
    ("crotch", LENGTHEN): [("rise", "alter", 0.9)],
    **{("strap", op): [("strap", SHORTEN, 1.0)] for op in (SHORTEN, "slip", IN, "raise", "takein")},
    ("strap", LENGTHEN): [("strap", LENGTHEN, 1.0)], ("strap", "add"): [("strap", "add", 0.8)],
    **{("strap", op): [("strap", "repair", 1.0), ("seam", "repair", 0.45)] for op in ("broken", "open", "missing", "hole")},
    ("shoulder", OUT): [("body", OUT, 0.9)], ("shoulder", SHORTEN): [("shoulder", IN, 0.9)], ("hem", OUT): [("hem", LENGTHEN, 0.9)], ("cuff", OUT): [("sleeve", LENGTHEN, 0.85)],
    **{(area, SHORTEN): [(area, IN, 0.85)] for area in ("waist", "seat", "bust")}, ("body", SHORTEN): [("body", IN, 0.55)],
    ("shoulder", "slip"): [("strap", SHORTEN, 0.9)], ("sleeve", "slip"): [("strap", SHORTEN, 0.4)],
    ("shoulder", "remove"): [("shoulder", IN, 0.8)], ("shoulder", "replace"): [("shoulder", IN, 0.6)],
    ("sleeve", "remove"): [("sleeve", "remove", 1.0)], ("sleeve", "add"): [("sleeve", "remove", 0.6)],
    **{("neck", op): [("neck", "raise", 1.0)] for op in ("raise", "add", SHORTEN, IN)},
    (None, "raise"): [("neck", "raise", 0.55)], ("body", "raise"): [("neck", "raise", 0.6)], ("bust", "raise"): [("neck", "raise", 0.8)],
    ("neck", "lower"): [("neck", "raise", 0.5)], ("slit", "raise"): [("seam", "repair", 0.5)], ("hem", "raise"): [("hem", SHORTEN, 0.9)],
    **{("bust", op): [("bust", "add", 1.0)] for op in ("add", "replace", "missing", "slip")},
    ("body", "add"): [("bust", "add", 0.3)], ("body", "slip"): [("body", IN, 0.8)],
    **{("zip", op): [("zip", "replace", 1.0)] for op in ("replace", "missing", "add")},
    ("zip", "remove"): [("zip", "replace", 0.5)],
    **{("zip", op): [("zip", "fix", 0.9)] for op in ("broken", "open", "hole")},
    ("zip", "stuck"): [("zip", "free", 1.0)], ("zip", "slip"): [("zip", "free", 0.8)],
    (None, "stuck"): [("zip", "free", 0.6)],
    **{("fly", op): [("zip", "replace", 0.95)] for op in ("replace", "missing", "add", "broken", "open", "hole")},
    ("fly", "stuck"): [("zip", "free", 0.9)],
    **{("button", op): [("button", "sew", 1.0)] for op in ("missing", "broken", "open", "replace", "add", "hole", "remove", "stuck", IN, "slip")},
    **{("pocket", op): [("pocket", "repair", 1.0)] for op in (*DAMAGE, "slip")},
    ("pocket", "add"): [("pocket", "add", 0.8)],
    **{("lining", op): [("lining", "repair", 1.0)] for op in ("hole", "open", "missing", "broken", "fray", "patch", "darn")},
    ("lining", "replace"): [("lining", "replace", 1.0)], ("lining", "add"): [("lining", "replace", 0.8)],
    ("lining", SHORTEN): [("lining", "repair", 0.4)],
    **{("elastic", op): [("elastic", "replace", 1.0)] for op in (*DAMAGE, "add", IN, OUT, "slip", "stuck")},
    **{(area, op): [("collar", "turn", 1.0)] for area in ("collar", "cuff") for op in ("fray", "hole", "replace", "broken", "missing", "open", "patch", "darn")},
    ("collar", "lower"): [("collar", "lower", 1.0)], ("collar", SHORTEN): [("collar", "lower", 0.8)],
    **{("bead", op): [("bead", "repair", 1.0)] for op in (*DAMAGE, "add", "slip")},
    **{("knee", op): [("surface", "patch", 1.0)] for op in ("hole", "open", "missing", "broken", "fray", "patch", "darn", "add")},
    **{("seam", op): [("seam", "repair", 1.0)] for op in (*DAMAGE, "add")},
    **{("crotch", op): [("crotch", "repair", 1.0), ("seam", "repair", 0.4)] for op in (*DAMAGE,)},
    **{("loop", op): [("loop", "repair", 1.0), ("seam", "repair", 0.5)] for op in (*DAMAGE, "add")},
    **{("hem", op): [("seam", "repair", 0.8)] for op in ("open", "missing", "broken")},
    **{("train", op): [("train", "bustle", 1.0)] for op in ("add", "raise", "remove", "broken")},
    **{(None, op): [("surface", "patch", 0.85), ("surface", "darn", 0.8)] for op in ("hole",)},
    (None, "darn"): [("surface", "darn", 1.0), ("surface", "patch", 0.55)], (None, "patch"): [("surface", "patch", 1.0)],
    (None, "open"): [("seam", "repair", 0.85)], ("body", "open"): [("seam", "repair", 0.9)],
    **{(area, op): to for area in ("waist", "seat", "legs", "sleeve", "body", "shoulder", "neck", "hem", "bust", "cuff", "collar")
       for op, to in (("hole", [("surface", "patch", 0.8), ("surface", "darn", 0.7)]), ("darn", [("surface", "darn", 1.0)]),
                      ("patch", [("surface", "patch", 1.0)]), ("open", [("seam", "repair", 0.9)]))
       if (area, op) not in {("hem", "open"), ("collar", "open"), ("collar", "hole"), ("cuff", "open"), ("cuff", "hole"),
                             ("collar", "darn"), ("cuff", "darn"), ("collar", "patch"), ("cuff", "patch")}},
    **{(area, "press"): [("whole", "press", 1.0)] for area in (None, "whole", "body", "legs", "sleeve", "collar", "lining", "bead", "seam", "waist", "bust", "train")},
    **{("badge", op): [("badge", "add", 1.0)] for op in ("add", "replace", "remove", "patch", "missing", "open", "broken")},
    **{("fall", op): [("fall", "add", 1.0)] for op in ("add", "replace", "open", "broken", "missing")},
    ("closure", "replace"): [("body", OUT, 0.7)], ("closure", "add"): [("body", OUT, 0.7)],
    (None, "make"): [("make", "make", 1.0)],
}  # fmt: skip

# What a small word says beside a part: sleeves up, waist in.
PARTICLES = {
    "shorten": (r"up", ("sleeve", "hem", "strap", "legs", "cuff")),
    "lengthen": (r"down", ("sleeve", "hem", "strap", "legs", "cuff")),
    "takein": (r"in", ("waist", "seat", "body", "bust", "legs", "sleeve", "shoulder", "crotch")),
    "letout": (r"out", ("waist", "seat", "body", "bust", "sleeve")),
}

# Parts that say by themselves what is wanted, where no other word does.
ALONE = {
    "badge": ("badge", "add", 0.9), "train": ("train", "bustle", 0.35), "button": ("button", "sew", 0.5), "zip": ("zip", "fix", 0.45),
    "fly": ("zip", "replace", 0.45), "elastic": ("elastic", "replace", 0.5), "pocket": ("pocket", "repair", 0.35),
    "fall": ("fall", "add", 0.5), "hem": ("hem", "shorten", 0.55), "strap": ("strap", "shorten", 0.3), "bead": ("bead", "repair", 0.3),
    "crotch": ("crotch", "repair", 0.3), "lining": ("lining", "repair", 0.3), "loop": ("loop", "repair", 0.5), "bust": ("bust", "add", 0.3),
    "collar": ("collar", "turn", 0.3), "neck": ("neck", "raise", 0.3),
}  # fmt: skip

# The part meant where only a direction is said, by garment.
AT_WAIST = ("trousers", "jeans", "shorts", "skirt", "leggings", "lehenga", "nightwear")

# ------------------------------------------------------------------------------------------------ likeness of work

SAME_WORK = {
    ("replace", "fix"): 0.8, ("fix", "replace"): 0.94, ("free", "fix"): 0.85, ("fix", "free"): 0.75, ("free", "replace"): 0.4, ("replace", "free"): 0.25,
    ("darn", "patch"): 0.6, ("patch", "darn"): 0.6, ("repair", "replace"): 0.5, ("replace", "repair"): 0.5,
    ("repair", "patch"): 0.6, ("repair", "darn"): 0.6, ("patch", "repair"): 0.6, ("darn", "repair"): 0.6, ("turn", "repair"): 0.6,
    ("shorten", "repair"): 0.4, ("repair", "shorten"): 0.5, ("replace", "turn"): 0.8, ("turn", "replace"): 0.8,
    ("add", "replace"): 0.7, ("replace", "add"): 0.6, ("sew", "replace"): 0.7, ("bustle", "add"): 0.8,
}  # fmt: skip
OPPOSITES = {"shorten": "lengthen", "lengthen": "shorten", "takein": "letout", "letout": "takein"}

SAME_PART = {
    ("waist", "body"): 0.7, ("waist", "seat"): 0.55, ("seat", "waist"): 0.8, ("seat", "body"): 0.6, ("body", "waist"): 0.45, ("bust", "body"): 0.8,
    ("body", "bust"): 0.45, ("waist", "bust"): 0.3, ("neck", "body"): 0.3, ("body", "neck"): 0.2, ("bust", "neck"): 0.3,
    ("legs", "seat"): 0.35, ("seat", "legs"): 0.2, ("shoulder", "body"): 0.3, ("sleeve", "shoulder"): 0.25, ("legs", "body"): 0.15, ("sleeve", "body"): 0.3,
    ("waist", "elastic"): 0.3, ("crotch", "seam"): 0.6, ("crotch", "surface"): 0.65, ("seam", "crotch"): 0.35, ("surface", "crotch"): 0.2,
    ("seam", "surface"): 0.35, ("surface", "seam"): 0.35, ("surface", "lining"): 0.15, ("pocket", "lining"): 0.6, ("lining", "pocket"): 0.15, ("pocket", "surface"): 0.45,
    ("pocket", "seam"): 0.45, ("lining", "seam"): 0.35, ("lining", "surface"): 0.3, ("bead", "surface"): 0.4, ("leather", "surface"): 0.7, ("leather", "seam"): 0.6,
    ("strap", "seam"): 0.3, ("loop", "seam"): 0.7, ("cuff", "collar"): 0.8, ("rise", "crotch"): 0.3, ("rise", "seat"): 0.45,
    ("neck", "strap"): 0.35, ("knee", "surface"): 1.0, ("surface", "knee"): 0.7,
}  # fmt: skip

# ------------------------------------------------------------------------------------------------ what changes the work

MODIFIERS = {
    "original": "original; factory hem; worn edge; washed edge; faded (bit|bottom|edge|hem); euro ?hem; european hem; selvedge; keep (the |that |its )?(bottom|edge|hem|stitching|look|wash|old|worn|raw|frayed|same|faded); put (the )?(original )?hem back; reattach; distressed; raw edge; chain ?stitch; d origine; lose the (factory|old|worn)",
    "turnup": "turn ?ups$; cuffed (hem|trouser|bottom|leg)\\w*; inch cuffs?$; with (a )?(\\w+ )?(inch )?cuffs?$; vuelta",
    "lined": "lined$|lining(s)? included|with (a )?lining|fully lined; flared; pleat\\w*; circle skirt; a line; kilt; full skirt; godet",
    "unlined": "unlined|no lining|without lining|not lined",
    "layers": "layer\\w*; tulle; organza; chiffon; horse ?hair; petticoat; underskirt; net$; floor length; tul$",
    "leather": "leather(?!ette)(?! (elbow )?patch)(?! belt); suede; sheepskin; shearling; nappa; cuero; piel$; cuir$; daim; ante$; faux leather; pleather; fur$; lambskin",
    "wool": "wool\\w*; cashmere; merino; angora; mohair; lana$; laine; jumper; cardigan; pullover; sweater; knit\\w*; tweed; fine knit; lapel",
    "surgeon": "surgeon\\w*; working (cuff|button|sleeve)\\w*|real working|(buttons?|cuffs?) (that )?(really |actually |do )?(open|undo|work|unbutton)s?$|functional (cuff|button)\\w*|functioning",
    "whole": "every bit; to pieces; starting again; complete(ly)?; whole; entire; full(?! size); all of it; whole thing; in ribbons; shredded; in shreds; perished; rotted; tatters; falling apart; everywhere; all over; the lot; total(ly)?; reline; re line; redo\\w*",
    "small": "small; tiny; little; just a; bit of; slight; pin ?hole; a few",
    "bridal": "bridal; bride$; wedding (dress|gown); my wedding; novia; mariee; ceremony; aisle",
    "fly": "fly$|flies$|flys$; trouser zip; jeans? zip; bragueta; braguette",
    "knitwear": "over ?lock; stretch recovery; cover ?stitch",
    "margin": "margin; saree blouse|sari blouse; choli",
    "baby": "maternity; pregnan\\w*; bump$",
}  # fmt: skip

# ------------------------------------------------------------------------------------------------ not the trade of a tailor

# Each is a trade of its own: a shop that offers it says so in its catalogue, and then these words find it.
TRADES = {
    "cleaning": "dry ?clean\\w*; launder\\w*; laundry; laundrette; wash(ed|ing)? (and|my|the|it|this|these|them) ?(fold|dry|iron)?|wash(es)? (and fold|duvets?|clothes); stain\\w*; (get|take|remove|clean) .{0,24}\\b(wine|ink|blood|wax|grease|oil|paint|sweat|coffee|curry|gum|mud|mould|mold|lipstick|gravy|makeup|grass|rust|yellow\\w*)\\b( marks?| spots?)? ?(out|off|from|mark)?; (ink|wine|coffee|curry|oil|grease|blood|bleach|sweat|lipstick|paint|mustard|tea|food|deodorant) (spill\\w*|mark\\w*|spot\\w*|patch\\w*|stain\\w*|splash\\w*)?$(?! silk); spilled|spilt; clean(ed|ing|er)?$(?! (cut|through|line|hem|look|finish)); smell\\w*; odou?r; bleach\\w*; tintorer\\w+; limpi\\w+; manchas?$|manchad\\w*; nettoy\\w+; pressing$ a sec; tache\\w*; lavar|lavander\\w+; laver; mould|mildew; whiten\\w*; yellowed",
    "dyeing": "dye\\w*; dying$ (it|them|this|these|a|my)|dyed; tint\\w*; teñir|tenir$|tenid\\w*; teindre|teinture; change the colou?r|(different|another|new) colou?r; colou?r (it|them|changed|change|has faded)|faded colou?r|black(en)? again|re ?colou?r\\w*; tie ?dye",
    "shoes": "shoes?$ (need|want|repair|heel|sole|are|is|fix|mend|re|resol|stretch|too)\\w*|(repair|mend|fix|resole|reheel|re ?sole|re ?heel|stretch|clean|polish|new soles?|sole|soles|heel tips?) (on |for |of )?(these |my |some |the |a |pair of )*(shoes?|boots?|trainers?|brogues?|loafers?|sandals?|stilettos?|heels?|wellies)|(boot|shoe|trainer|sandal|brogue|loafer|wellie|wellington|slipper|moccasin)s?$ (has|have|needs?|come|came|sole|heel|strap|lace|buckle|leak)\\w*|soles?$(?! trader)|re ?sol\\w+|re ?heel\\w*|heels? (has |have |s )?(come|came|fell|broke|snapp|worn|needs?|tips?)\\w*|heels? (off|of) my|heel (bar|tips?)|cobbler|shoe ?laces?|(my|the|these|a pair of) (boots?|trainers?|brogues?|sandals?|stilettos|loafers)$; zapat\\w+; botas?$; suelas?$; chaussures?; bottes?$; semelles?; cordonnier; talon(es|s)? (de|roto|casse)\\w*",
    "bags": "hand ?bags?; rucksack; back ?pack; suit ?case (handle|zip|wheel|needs|is|has)|suitcases?$ (zip|handle|wheel|need|repair)\\w*|repair .{0,12}suitcase; purse$; wallet; tote$|tote bag; (leather|gym|school|shoulder|sports|travel|sleeping|laptop|evening|beaded) bags?$; holdall; bolso; sac a (main|dos); mochila; luggage (repair|strap|zip); briefcase; satchel; umbrella; belt (needs?|hole|buckle|is|punch|shorten)\\w*|(hole|holes) in (a |my |the |this )?belt|leather belt|belt buckle; (zip|handle|wheel|lock|lining|strap|pocket) .{0,14}(suit ?case|bag|luggage|rucksack|back ?pack|hand ?bag|purse|holdall)$",
    "home": "curtain; blinds?$; duvet; cushion; sofa; settee; couch; uphols\\w*; chair (cover|seat)s?|armchair|dining chairs?|re ?cover (my|a|the|some|chairs|this)|recover my; table ?cloth; napkins?; bedding|bed ?(spread|sheet|linen)s?|sheets?$; pillow; mattress; rugs?$; carpet(?! (for|in the hall))s?$ (need|edge|bind)\\w*|carpet(s|ing)$|bind (a|the) carpet; tent ?(pole|peg)?s?$(?! like)|(camping|family|beach|bell|my|the|our) tent (zip|pole|is|has|needs|rip|tear|seam)\\w*|awning; marquee; (boat|car|bike|bbq|garden|sun ?bed|lounger|caravan) (cover|seat|hood|roof|cushion|tarp)s?|tarpaulin|sails?$; car seat; pram; dog (coat|bed|jacket)s?|quilt(?!ed)s?; lampshade; cortinas?; sofas?; rideaux?; canape; housse; towels?$; flag$; hammock; teddy|soft toy|doll; wallpaper; parasol; camp(ing)? (chair|bed|stool|table|gear)s?; air ?bed|lilo; inflatable; bouncy castle; gazebo; ironing board",
    "jewellery": "watch(es)?$ (strap|battery|needs|stopped|repair|link|glass|has)\\w*|(my|a|the|his|her) watch$; jewel\\w*; necklace; bracelet; ear ?rings?; (engagement|wedding|gold|diamond) rings?|ring (re)?siz\\w*|resize (a|my) ring; glasses$|spectacles|sunglasses; reloj; joya|joyer\\w+; montre$; bijou\\w*; engrav\\w*; batter(y|ies); (my|a|the|this|her|his) ring$",
    "making": "(make|made|making|sew|sewn|create|design|designed|designing|tailor|build|knit|crochet) (me |us |her |him |up )?.{0,26}(from scratch|to order|to measure|like (this|the one)|from a (photo|picture|pattern|drawing|sketch)|from (this|my|our|some) (cloth|fabric|material|length)|out of (this|my|some)|for (my|our|the) wedding from|brand new)|from scratch|bespoke|made ?to ?measure|(make|sew|design|stitch|knit|create|tailor) (me |us |up )?(a|an|another|some|two|three|four|new|six|our|my) (new |matching |custom |similar |full |whole |second |silk |linen |wool )*(suit|dress|shirt|blouse|saree blouse|skirt|gown|outfit|coat|lehenga|costume|jacket|trousers|pair of trousers|shirts|dresses|bridesmaid\\w*|wedding dress|waistcoat|curtain|cushion|mask|bag|scarf|tie|hat|veil|kilt|uniform|uniforms|quilt|pattern)s?$|copy (a|this|my|of|it|the|one)|replica|fashion design|pattern (cutting|drafting|making)|hacer(me)? un (vestido|traje)|confeccion\\w+|a medida$|sur mesure|confection\\w*|(saree|sari) blouse from",
    "hire": "hire$|hiring$|hired$ out|rent(al|als|ing|ed|s)?$|to rent|for rent|hire out|alquil\\w+|lou(er|ez|ons|ent)$|location de|(buy|buying|purchase|sell|sells|selling|stock|stocks) (my|old|second|used|new|some|any|a|buttons|ribbon|zips|thread|fabric|cloth|ties|fabrics|wool|patterns|cotton|sewing|suits|dresses|shirts|gift|them|these)|do you (buy|sell|stock|hire|rent|have any|have a|carry)|for sale|gift (card|voucher)s?|vouchers?$|refund\\w*|return (this|these|the|it|a|my|them)|(exchange|exchanged)$ (it|this|for|them)?|size (chart|guide)|another size|different size|second ?hand|consign\\w*|donat\\w+|vend(er|en|ez|o|es)$|compr(ar|an|ais)$|achet\\w+",
    "asking": "(what|which) (time|hours|day|days)|opening (hours|times)|are you open|do you (open|close|shut|deliver|ship|take (card|cash|amex|appointments|walk)|accept|offer (gift|parking|classes|delivery)|speak|teach|have parking|do (deliveries|lessons|classes))|when do you (open|close|shut)|bank holiday|sunday(s)? open|where (are you|can i park|is the|is your|do i park|are)|parking|park near|address$|phone number|directions|how (do|can) i (get|find|contact|reach|pay|book|become|sew|wash)|(is|are) (my|the|our) (order|dress|suit|trousers|ticket|things|stuff|alterations|jacket|coat|shirt|jeans|garment|skirt) (ready|done|finished)|ready yet|track(ing)? (my|an|number)|my (receipt|ticket|invoice|order number)|lost my (ticket|receipt)|pick up (my|the) (order|stuff|things)|job$|jobs$|vacanc\\w+|hiring$|apprentic\\w+|work experience|sewing (lessons?|class\\w*|machine|course)|lessons?$|classes$|weather|joke|who (are|is) you|news|football (score|result)|recipe|taxi|train (times|station|ticket)|bus stop|flight|hotel|restaurant|wifi|toilet|bathroom|a que hora|horario|donde (esta|estan|puedo)|abren|a quelle heure|ouvert le|horaires|ou (etes|est|se trouve)",
    "other": "cake|bake|bakery|catering|flowers?$ (for|arrange|deliver)\\w*|florist|bouquet|photograph(er|y)|passport|photos? (shoot|print|develop|frame|of me)|photo ?cop\\w*|print(ing|ed|er)?$ (a|my|photos|leaflets|t shirts|on|out|cards)|printer|invitation\\w*|hair ?(cut|dress|style|do|extension)\\w*|haircut|nails?$ (done|salon|varnish|polish)|manicure|make ?up|massage|tattoo|beard trim|dentist|doctor|plumb\\w*|electric\\w*|lock ?smith|locked out|keys? (cut|copied|cutting|made)|cut (a|my|some)? ?(spare )?keys?|knives|knife sharpen\\w*|sharpen\\w*|scissors|shears|bike (repair|tyre|puncture|chain|brakes)|bicycle|car (repair|service|mot|wash|tyre)|puncture|phone screen|laptop|computer|software|website|mobile (phone )?(screen|repair)|screen (is )?(cracked|broken)|tv$|television|washing machine|boiler|fridge|lawn|garden(ing|er)|dog (walk|groom)\\w*|babysit\\w*|pizza|coffee$ (please|and)|lunch|insurance|mortgage|visa$|translat\\w+|frame (a|my|this|the)|wig|hats?$ (block|stretch|too)\\w*|taxidermy|piano|guitar|3d|move house|removal van",
}  # fmt: skip
