"""The dimensions a shop starts with: 46 of the body, 16 of the finished garment. Afterwards the table is the shop's.

Outside `warn` a grown-up's value is looked at twice; outside `reject` nothing is saved: a two-year-old and a very large
person still fit, inches typed as centimetres mostly do not.
"""

from dataclasses import dataclass

BODY, GARMENT, NONE, PAIR = "body", "garment", "none", "pair"
FAMILIES = {
    "T": ["trousers"],
    "K": ["skirt"],
    "S": ["shirt"],
    "B": ["blouse", "saree_blouse"],
    "D": ["dress"],
    "J": ["jacket"],
    "C": ["coat"],
    "U": ["jumpsuit"],
    "L": ["lehenga"],
    "R": ["kurta"],
}


@dataclass(frozen=True)
class Dimension:
    code: str
    description: str
    garments: list
    warn: tuple
    reject: tuple
    side: str
    unit: str
    kind: str

    @property
    def name(self):
        words = self.code.removeprefix("g_").replace("_", " ")
        return f"Garment {words}" if self.kind == GARMENT else words.capitalize()


def families(letters):
    """T K: trousers and skirts; all: every family. A set of the whole body has everything."""
    named = list(FAMILIES) if letters == "all" else letters.split()
    return [family for letter in named for family in FAMILIES[letter]] + ["full"]


def body(code, description, letters, warn, reject, *, side=NONE, unit="cm", kind=BODY):
    return Dimension(code, description, families(letters), warn, reject, side, unit, kind)


def garment(code, description, letters, warn, reject):
    return body(code, description, letters, warn, reject, kind=GARMENT)


# From head to foot.
VOCABULARY = [
    body("height", "Standing height", "all", (140, 205), (75, 230)),
    body("body_mass", "Weight (optional)", "all", (40, 160), (8, 300), unit="kg"),
    body("nape_height", "Floor to back neck point", "D L C", (115, 180), (58, 200)),
    body("head_girth", "Above the ears", "", (50, 66), (42, 70)),
    body("neck_girth", "Mid neck, shirt collar", "S J B", (27, 55), (20, 65)),
    body("neck_base_girth", "Base of neck", "B D R", (30, 58), (22, 70)),
    body("shoulder_length", "Neck side to shoulder point", "S B D J C R", (9, 20), (5, 24), side=PAIR),
    body("shoulder_width", "Shoulder to shoulder over the nape", "S B D J C R", (33, 58), (20, 72)),
    body("shoulder_slope", "Drop of the shoulder line", "J C S", (8, 32), (0, 45), side=PAIR, unit="deg"),
    body("across_front", "Armfold to armfold, front", "S B D J", (27, 50), (16, 65)),
    body("across_back", "Armfold to armfold, back", "S B D J C", (27, 56), (16, 65)),
    body("high_bust_girth", "Under the arms, above the bust", "B D J", (66, 150), (42, 190)),
    body("chest_girth", "Fullest chest / bust", "S B D J C R U", (70, 155), (45, 200)),
    body("under_bust_girth", "Directly below the bust", "B D L", (58, 145), (38, 185)),
    body("waist_girth", "Between lowest rib and hip bone", "all", (52, 160), (38, 205)),
    body("trouser_waist_girth", "Where the waistband will sit", "T K L", (58, 165), (38, 205)),
    body("belly_girth", "Fullest abdomen", "T D J", (58, 175), (38, 215)),
    body("top_hip_girth", "Half way waist to hip", "T K D", (65, 162), (42, 205)),
    body("hip_girth", "Fullest seat", "T K D J C L U", (74, 168), (45, 215)),
    body("trunk_girth", "Shoulder, crotch and back", "U", (130, 205), (70, 235)),
    body("back_waist_length", "Nape to waist, back", "B D J C", (33, 60), (18, 70)),
    body("front_waist_length", "Neck side over bust to waist", "B D J", (34, 64), (18, 75)),
    body("bust_height", "Neck side to bust point", "B D", (20, 44), (12, 54), side=PAIR),
    body("bust_span", "Bust point to bust point", "B D", (13, 30), (8, 42)),
    body("scye_depth", "Nape to armpit level", "S B D J C", (15, 33), (9, 42)),
    body("waist_to_hip", "Side, waist to fullest hip", "T K D", (13, 32), (7, 40)),
    body("armscye_girth", "Around arm and shoulder", "B D J R", (30, 70), (18, 90), side=PAIR),
    body("upper_arm_girth", "Fullest upper arm, relaxed", "S B D J R", (20, 58), (12, 75), side=PAIR),
    body("elbow_girth", "Around bent elbow", "S J B", (19, 48), (11, 60), side=PAIR),
    body("wrist_girth", "Over the wrist bone", "S J B D", (12, 25), (8, 32), side=PAIR),
    body("hand_girth", "Over the knuckles", "S B R", (15, 28), (10, 34)),
    body("arm_length", "Shoulder point to wrist", "S B D J C R", (44, 75), (20, 88), side=PAIR),
    body("nape_to_wrist", "Nape over shoulder to wrist", "S J C", (64, 110), (32, 125), side=PAIR),
    body("elbow_length", "Shoulder point to elbow", "S J B", (25, 44), (12, 52), side=PAIR),
    body("inside_leg", "Crotch to floor or hem point", "T U", (58, 104), (26, 118), side=PAIR),
    body("outside_leg", "Waist side to floor", "T K L D", (82, 130), (38, 145), side=PAIR),
    body("body_rise", "Waist to seat, sitting", "T U", (17, 40), (10, 50)),
    body("crotch_length", "Front waist through legs to back waist", "T U", (48, 105), (28, 130)),
    body("front_crotch_length", "Front part of the above", "T U", (20, 54), (12, 66)),
    body("thigh_girth", "Fullest thigh", "T U", (42, 98), (25, 120), side=PAIR),
    body("mid_thigh_girth", "Half way to the knee", "T", (36, 85), (22, 105), side=PAIR),
    body("knee_girth", "Around the knee", "T K", (28, 66), (18, 85), side=PAIR),
    body("calf_girth", "Fullest calf", "T", (26, 64), (16, 80), side=PAIR),
    body("ankle_girth", "Narrowest / over the bone", "T", (16, 36), (11, 46), side=PAIR),
    body("heel_girth", "Heel over instep", "T", (24, 46), (15, 56), side=PAIR),
    body("waist_to_knee", "Waist side to knee", "K D T", (48, 76), (24, 88)),
    # Of a finished garment. Girths are stored all around, however they were laid.
    garment("g_chest", "Around, below the armholes", "S B D J C R U", (70, 170), (40, 240)),
    garment("g_waist", "Around, at the waist", "S B D J C R U", (52, 175), (36, 240)),
    garment("g_hip", "Around, at the fullest seat", "T K D J C U L", (74, 185), (40, 250)),
    garment("g_shoulder_width", "Sleeve seam to sleeve seam over the back", "S B D J C R", (30, 62), (18, 80)),
    garment("g_back_length", "Collar seam to hem, back", "S B D J C R U", (35, 160), (20, 220)),
    garment("g_front_length", "Shoulder at the neck to hem, front", "S B D J C R U", (35, 160), (20, 220)),
    garment("g_sleeve_length", "Sleeve seam to cuff edge", "S B D J C R", (10, 75), (4, 95)),
    garment("g_cuff_opening", "Around the end of the sleeve", "S B D J C R", (16, 40), (10, 70)),
    garment("g_upper_sleeve", "Around the sleeve below the armhole", "S B D J C R", (26, 70), (14, 110)),
    garment("g_waistband", "Around the waistband, closed", "T K L", (55, 170), (36, 230)),
    garment("g_inseam", "Crotch seam to hem", "T U", (5, 100), (2, 125)),
    garment("g_outseam", "Top of the waistband to hem", "T K L U", (25, 130), (10, 165)),
    garment("g_front_rise", "Crotch seam to the top of the waistband, front", "T U", (18, 42), (10, 60)),
    garment("g_thigh", "Around the leg, at the crotch", "T U", (44, 110), (26, 150)),
    garment("g_leg_opening", "Around the hem of the leg", "T U", (24, 80), (14, 150)),
    garment("g_hem_width", "Around the hem of a skirt", "K D L", (70, 400), (30, 900)),
]
