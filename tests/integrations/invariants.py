"""What holds of every activity, whatever file it came from."""

from datetime import UTC, timedelta

import numpy as np

from service.domain.activity import Activity


def invariants(activity: Activity) -> None:
    """Check what every decoded activity holds, whatever the file was."""
    assert activity.started_at.tzinfo is UTC
    assert 0 <= activity.moving_s <= activity.elapsed_s
    assert activity.distance_m is None or activity.distance_m > 0
    assert activity.utc_offset is None or abs(activity.utc_offset) <= timedelta(hours=14)
    assert all(0 <= pause.start_s < pause.end_s <= activity.elapsed_s for pause in activity.pauses)
    assert all(one.end_s <= two.start_s for one, two in zip(activity.pauses, activity.pauses[1:], strict=False))
    assert all(lap.start_s >= 0 and lap.elapsed_s > 0 for lap in activity.laps)
    if activity.streams is None:
        return
    streams = activity.streams
    assert streams.time_s[0] >= 0
    assert (np.diff(streams.time_s) > 0).all()
    assert np.isnan(streams.distance_m).all() or (np.diff(streams.distance_m) >= 0).all()
    assert not (streams.heart_rate <= 0).any()
    assert not (streams.cadence_spm > 2 * 255).any()
