"""The body that is drawn: lengths and thicknesses in hundredths of stature.

Lengths are the shares of stature of Drillis and Contini (1966), as in Winter, Biomechanics and Motor Control of Human
Movement (4th edition, 2009), figure 4.1. Thicknesses are ours: as slim as a friendly pictogram wants them.
"""

THIGH = 24.5  # hip (.530) to knee (.285)
SHIN = 24.6  # knee (.285) to ankle (.039)
ANKLE_HEIGHT = 3.9
FOOT = 15.2
HEEL_BACK = 3.8  # the ankle stands over the hindmost quarter of the foot
BALL_AHEAD = 7.6  # ankle to the joints of the toes, along the sole
TOE_AHEAD = FOOT - HEEL_BACK
UPPER_ARM = 18.6  # shoulder (.818) to elbow (.630)
FOREARM = 14.6
HAND = 10.8
SHIN_AND_SOLE = SHIN + ANKLE_HEIGHT

TRUNK = 28.8  # hip (.530) to shoulder (.818), as three bones that bend at two places
PELVIS, LUMBAR = 7.0, 9.0
THORAX = TRUNK - PELVIS - LUMBAR
NECK = 7.4  # shoulder line (.818) to where the skull sits
SKULL = 5.4  # from there to the middle of the head; the head reaches .870 to 1.000

# Joints lie inside the outline: half the breadth of the shoulders (.129) or the hips (.0955), less a limb's radius.
CLAVICLE = 10.0
HALF_HIPS = 5.2

# Radii of the limbs at their joints.
HIP_R, KNEE_R, ANKLE_R = 5.2, 3.6, 2.2
CALF_R, CALF_SHARE, CALF_BACK = 3.5, 0.28, 0.9
SHOULDER_R, ELBOW_R, WRIST_R, PALM_R = 3.6, 2.5, 1.8, 2.2
MITTEN = 0.75  # the share of the hand that the knuckles end, for fingers are half curled
SOLE_R, TOE_R, FOOT_BREADTH = 1.3, 1.1, 5.5
HEAD_R, NECK_R, NOSE_R = 6.5, 2.9, 1.1

# How far a deep breath lifts belly and chest.
BELLY_RISE, CHEST_RISE = 4.5, 2.0

# The trunk's cross-sections: (half breadth, towards the front, towards the back), from the seat to the shoulders.
SEAT = (7.4, 4.6, 6.4)
LOINS = (7.0, 4.8, 5.0)
RIBS = (7.6, 5.4, 5.4)
CHEST = (8.6, 6.0, 5.8)
SHOULDER_DEPTH = 4.4
TRUNK_PEN = 6.0
