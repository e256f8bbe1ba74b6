"""How a routine is composed, step by step. The way in is `service.domain.routine.compose`.

sizing (how long) -> possible (for this body, place and kit) -> wanting (in which order of importance) -> choosing
-> flow (the order it is done in) -> dosing (how much of each) -> steps, receipt (in words, with the reasons)
policy holds the rules as values; quick is the ten-minute sequence, swapping answers "this hurts"
"""
