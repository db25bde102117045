"""What was trained leaves the lab: as a file for other programs, as code, as a page, as a report.

subject        the network that is taken home
formats        which formats there are
exporting      one format after the other: made, checked, put in its place with its card
network_file   a network in a format of other programs; `conversion` writes it
checking       the file beside its network; `runtimes` are the programs that read it
identity       what a file says of itself; `metadata` puts it in, `card` writes it for people
job            an export as a process of its own, which a page watches
page/          a page that runs anywhere
report/        a run to hand in
written/       its training as a script and a notebook
"""
