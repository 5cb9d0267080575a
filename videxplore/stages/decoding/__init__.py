"""Files to values: probing, frames, sound, subtitles, and the small files a browser plays."""
