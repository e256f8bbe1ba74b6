"""The few numbers of the FIT profile that reading and writing share: the epoch, base types, messages and fields."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1989, 12, 31, tzinfo=UTC)

# Smaller values of a date_time are seconds since the device was switched on (FIT profile, type date_time, "min").
FIRST_DATE = 0x10000000


def moment(seconds: float) -> datetime:
    """Return the UTC time of a FIT time stamp."""
    return EPOCH + timedelta(seconds=seconds)


def seconds(when: datetime) -> float:
    """Return the FIT time stamp of an aware time, with its fraction."""
    return (when - EPOCH).total_seconds()


@dataclass(frozen=True, slots=True)
class BaseType:
    """How a value lies in the file: its code in a definition, its struct letter, and the number that means "none"."""

    code: int
    letter: str
    invalid: int


ENUM = BaseType(0x00, "B", 0xFF)
UINT8 = BaseType(0x02, "B", 0xFF)
STRING = BaseType(0x07, "s", 0)
BYTE = BaseType(0x0D, "B", 0xFF)
UINT16 = BaseType(0x84, "H", 0xFFFF)
SINT32 = BaseType(0x85, "i", 0x7FFFFFFF)
UINT32 = BaseType(0x86, "I", 0xFFFFFFFF)
UINT32Z = BaseType(0x8C, "I", 0)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message: its number, base type, and how a value in SI units is stored: value * scale + offset."""

    number: int
    base: BaseType
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class MessageType:
    """A message: its global number and the fields we write."""

    number: int
    fields: dict[str, Field]


FILE_ID = MessageType(
    0,
    {
        "type": Field(0, ENUM),
        "manufacturer": Field(1, UINT16),
        "product": Field(2, UINT16),
        "serial_number": Field(3, UINT32Z),
        "time_created": Field(4, UINT32),
        "product_name": Field(8, STRING),
    },
)
SESSION = MessageType(
    18,
    {
        "timestamp": Field(253, UINT32),
        "start_time": Field(2, UINT32),
        "sport": Field(5, ENUM),
        "sub_sport": Field(6, ENUM),
        "total_elapsed_time": Field(7, UINT32, 1000),
        "total_timer_time": Field(8, UINT32, 1000),
        "total_distance": Field(9, UINT32, 100),
        "avg_heart_rate": Field(16, UINT8),
        "max_heart_rate": Field(17, UINT8),
        "total_ascent": Field(22, UINT16),
        "first_lap_index": Field(25, UINT16),
        "num_laps": Field(26, UINT16),
    },
)
LAP = MessageType(
    19,
    {
        "timestamp": Field(253, UINT32),
        "message_index": Field(254, UINT16),
        "start_time": Field(2, UINT32),
        "total_elapsed_time": Field(7, UINT32, 1000),
        "total_timer_time": Field(8, UINT32, 1000),
        "total_distance": Field(9, UINT32, 100),
        "avg_heart_rate": Field(15, UINT8),
        "intensity": Field(23, ENUM),
        "lap_trigger": Field(24, ENUM),
        "sport": Field(25, ENUM),
    },
)
RECORD = MessageType(
    20,
    {
        "timestamp": Field(253, UINT32),
        "position_lat": Field(0, SINT32),
        "position_long": Field(1, SINT32),
        "altitude": Field(2, UINT16, 5, 2500),
        "heart_rate": Field(3, UINT8),
        "cadence": Field(4, UINT8),
        "distance": Field(5, UINT32, 100),
        "speed": Field(6, UINT16, 1000),
        "compressed_speed_distance": Field(8, BYTE),
        "fractional_cadence": Field(53, UINT8, 128),
        "enhanced_speed": Field(73, UINT32, 1000),
        "enhanced_altitude": Field(78, UINT32, 5, 2500),
    },
)
EVENT = MessageType(
    21,
    {"timestamp": Field(253, UINT32), "event": Field(0, ENUM), "event_type": Field(1, ENUM)},
)
WORKOUT = MessageType(
    26,
    {
        "sport": Field(4, ENUM),
        "num_valid_steps": Field(6, UINT16),
        "wkt_name": Field(8, STRING),
        "sub_sport": Field(11, ENUM),
    },
)
WORKOUT_STEP = MessageType(
    27,
    {
        "message_index": Field(254, UINT16),
        "wkt_step_name": Field(0, STRING),
        "duration_type": Field(1, ENUM),
        "duration_value": Field(2, UINT32),
        "target_type": Field(3, ENUM),
        "target_value": Field(4, UINT32),
        "intensity": Field(7, ENUM),
        "notes": Field(8, STRING),
        "exercise_category": Field(10, UINT16),
        "exercise_name": Field(11, UINT16),
    },
)
ACTIVITY = MessageType(
    34,
    {
        "timestamp": Field(253, UINT32),
        "total_timer_time": Field(0, UINT32, 1000),
        "num_sessions": Field(1, UINT16),
        "local_timestamp": Field(5, UINT32),
    },
)
HR = MessageType(
    132,
    {
        "timestamp": Field(253, UINT32),
        "fractional_timestamp": Field(0, UINT16, 32768),
        "filtered_bpm": Field(6, UINT8),
        "event_timestamp": Field(9, UINT32, 1024),
        "event_timestamp_12": Field(10, BYTE),
    },
)
DEVELOPER_DATA_ID = MessageType(207, {"application_id": Field(1, BYTE), "developer_data_index": Field(3, UINT8)})
FIELD_DESCRIPTION = MessageType(
    206,
    {
        "developer_data_index": Field(0, UINT8),
        "field_definition_number": Field(1, UINT8),
        "fit_base_type_id": Field(2, UINT8),
        "field_name": Field(3, STRING),
        "units": Field(8, STRING),
        "native_field_num": Field(15, UINT8),
    },
)

FILE_TYPES = {"device": 1, "settings": 2, "activity": 4, "workout": 5, "course": 6, "monitoring_b": 32}
MANUFACTURER_DEVELOPMENT = 255
SPORTS = {
    "generic": 0,
    "running": 1,
    "cycling": 2,
    "transition": 3,
    "fitness_equipment": 4,
    "swimming": 5,
    "training": 10,
    "walking": 11,
    "cross_country_skiing": 12,
    "hiking": 17,
}
SUB_SPORTS = {"": 0, "treadmill": 1, "street": 2, "trail": 3, "track": 4, "indoor_running": 45}
WORKOUT_SUB_SPORTS = {
    "": 0,
    "flexibility_training": 19,
    "strength_training": 20,
    "cardio_training": 26,
    "yoga": 43,
    "pilates": 44,
}
EVENT_TIMER = 0
EVENT_TYPES = {"start": 0, "stop": 1, "stop_all": 4}
LAP_TRIGGERS = {"manual": 0, "time": 1, "distance": 2, "session_end": 7}
WORKOUT_DURATIONS = {"time": 0, "repeat_until_steps_cmplt": 6}
WORKOUT_TARGET_OPEN = 2
INTENSITIES = {"active": 0, "rest": 1, "warmup": 2, "cooldown": 3}
