"""Exports a trained network: as a file for other programs, as code, as a page, as a report.

subject        the network to export, and what is known about it
formats        the formats there are
exporting      one format: written, checked, put in its place with its model card
network_file   converts a network for other programs and writes its metadata into the file
checking       compares the answers of an exported file with those of its network
runtimes       asks exported files through the runtime of their format
identity       the metadata: what a file says of itself
job            an export as a process of its own, which a page follows
page           a page that runs anywhere
report         a run as one HTML file to hand in
source_code    a training as a script and a notebook
"""
