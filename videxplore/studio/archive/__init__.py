"""A vendor's archive that nobody owns: channels, videos and clips with everything that is true of them."""
