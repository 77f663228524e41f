"""What comes next? Forecasts with a band, by the method that a back-test picked, or the word that history is too short.

Reads summaries and staging; feeds suggestions and the read functions.
"""
