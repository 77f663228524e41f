"""When is what done? Jobs that can be started by hand, the schedules of the same names, and the sensors.

Files arriving: ``inbox_sensor``. The clock: the schedules. What is done stands with the assets.
"""
