"""The page "Take home".

choice        which network
format_card   one format: what it is good for, make it, how its check went, download it
table         all checked files beside each other
incoming      a file from elsewhere becomes a run
packed        a whole run for another lab
page          all of it
"""
