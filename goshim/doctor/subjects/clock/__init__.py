"""The clock and SOURCE_DATE_EPOCH."""
