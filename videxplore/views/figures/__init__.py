"""Values as plotly figures, one module per kind of value."""
