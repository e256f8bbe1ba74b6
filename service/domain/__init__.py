"""What Afterrun knows about running, bodies and the right moment: pure functions over frozen values.

Nothing here meets a database, a clock, a network or a vendor. To read it in an hour, in this order:

    the run and the runner    activity, athlete
    what kind of run          verdict (the values), classification (the way in), judging/ (the steps), chart
    what to do after it       movements, wish, routine (the way in), composing/ (the steps), reading, words
    when, and how it is said  sessions, announcement, message, plain_text, delivery, digest
"""
