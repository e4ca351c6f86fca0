"""Exact float32 kernels of the transcendental functions that activations are made of."""

from jaxact._special.exponential import exp as exp
from jaxact._special.exponential import expm1 as expm1
from jaxact._special.exponential import log1p as log1p
from jaxact._special.exponential import sech2 as sech2
from jaxact._special.exponential import sigmoid as sigmoid
from jaxact._special.exponential import sigmoid_slope as sigmoid_slope
from jaxact._special.exponential import softplus as softplus
from jaxact._special.exponential import tanh as tanh
from jaxact._special.gelu_tanh import gelu_tanh as gelu_tanh
from jaxact._special.gelu_tanh import gelu_tanh_slope as gelu_tanh_slope
from jaxact._special.normal import erf as erf
from jaxact._special.normal import gaussian_exp as gaussian_exp
from jaxact._special.normal import gelu as gelu
from jaxact._special.normal import gelu_slope as gelu_slope
from jaxact._special.normal import normal_cdf as normal_cdf
from jaxact._special.normal import normal_density as normal_density
