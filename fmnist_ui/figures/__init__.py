"""Numbers become Plotly or Vega-Lite figures, PNG files or HTML; nothing else happens here."""
