"""Garments as people sketch them: a few outlines and lines, drawn to order.

`datasets.garments` imitates the photographs of the data set; these imitate drawings, icons and
emoji: sleeves spread, trousers with two wide legs, shoes from the side, flip-flops from above.

sketch     what a sketch is made of; curves, mirror images
clothes    T-shirt, pullover, coat, shirt, dress, trousers
shoes      sneaker, boot; sandals from above and from the side
bags       bags of many kinds
"""
