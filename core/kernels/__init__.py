"""Weight layouts, quantisation and the kernels that meet them."""
