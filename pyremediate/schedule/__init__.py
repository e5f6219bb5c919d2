"""Runs without anybody: timers of systemd, or cron where there is no systemd, and the record of what they did.

``settings → jobs → units or crontab → install`` writes down when; ``run → a verb → runs`` records that it happened; ``list`` and
``doctor`` hold the one against the other by the ``calendar``.
"""
