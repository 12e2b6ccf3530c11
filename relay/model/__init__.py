"""The nouns of the road. Times are Unix seconds; everything here is immutable."""
