"""Every family of operations that programs with a GradientTape use is there as a whole, in every place that TensorFlow has it."""

import functools
import json
import pathlib

import numpy as np
import pytest

import tapeflow as tf

SIGNATURES = json.loads((pathlib.Path(__file__).parent / "golden/signatures.json").read_text(encoding="utf-8"))

# A call of each: a name with what it is called with; `x`, `y`, `n`, `m`, … are below.
FAMILIES = {
    "arithmetic": """
        add(x,y) subtract(x,y) multiply(x,y) divide(x,y) truediv(x,y) negative(x) abs(x) square(x) add_n([x,y])
        math.squared_difference(x,y) math.scalar_mul(2.0,x) scalar_mul(2.0,x) math.multiply_no_nan(x,y)
        math.divide_no_nan(x,y) math.reciprocal(x) math.reciprocal_no_nan(x) math.xdivy(x,y) math.accumulate_n([x,y])
        math.polyval([x,y],x)
    """,
    "powers and roots": "pow(x,y) sqrt(x) math.rsqrt(x) math.cumulative_logsumexp(x)",
    "exponentials and logarithms": """
        exp(x) math.expm1(x) math.log(x) math.log1p(x) math.log_sigmoid(x) math.softplus(x) math.sigmoid(x) sigmoid(x)
        math.xlogy(x,y) math.xlog1py(x,y)
    """,
    "trigonometry": """
        sin(x) cos(x) tan(x) asin(y/9) acos(y/9) atan(x) atan2(x,y) sinh(x) cosh(x) tanh(x) asinh(x) acosh(y) atanh(y/9)
        math.sin(x) math.tanh(x) math.atan2(x,y)
    """,
    "special functions": """
        math.erf(x) math.erfc(x) math.erfinv(y/9) math.erfcinv(y/9) math.lgamma(y) math.digamma(y) math.lbeta(y)
        math.igamma(y,y) math.igammac(y,y) math.betainc(y,y,y/9) math.zeta(y+1,y) math.polygamma(1.0,y) math.ndtri(y/9)
        math.bessel_i0(x) math.bessel_i0e(x) math.bessel_i1(x) math.bessel_i1e(x) math.special.dawsn(x) math.special.expint(y)
        math.special.fresnel_cos(x) math.special.fresnel_sin(x) math.special.spence(y) math.special.bessel_j0(x)
        math.special.bessel_k0(y) math.special.bessel_y0(y)
    """,
    "rounding, signs and remainders": """
        round(x) math.rint(x) floor(x) math.ceil(x) sign(x) math.mod(x,y) math.floormod(x,y) math.floordiv(x,y)
        truncatediv(n,n) truncatemod(n,n) realdiv(x,y) math.nextafter(x,y)
    """,
    "extremes and clipping": """
        maximum(x,y) minimum(x,y) clip_by_value(x,0.0,1.0) clip_by_norm(x,1.0) clip_by_global_norm([x,y],1.0)
        linalg.global_norm([x,y])
    """,
    "comparison and logic": """
        equal(x,y) not_equal(x,y) less(x,y) less_equal(x,y) greater(x,y) greater_equal(x,y) math.equal(x,y) logical_and(b,b)
        logical_or(b,b) logical_not(b) math.logical_xor(b,b) where(b,x,y) where(b) math.is_nan(x) math.is_inf(x)
        math.is_finite(x) math.is_non_decreasing(x) math.is_strictly_increasing(x)
    """,
    "bits": """
        bitwise.bitwise_and(n,n) bitwise.bitwise_or(n,n) bitwise.bitwise_xor(n,n) bitwise.invert(n) bitwise.left_shift(n,n)
        bitwise.right_shift(n,n)
    """,
    "complex numbers": "complex(x,y) math.real(z) math.imag(z) math.conj(z) math.angle(z) math.abs(z)",
    "reductions": """
        reduce_sum(m,axis=[0,1]) reduce_mean(m,0,keepdims=True) reduce_prod(m) reduce_max(m,1) reduce_min(m) reduce_any(b)
        reduce_all(b) reduce_logsumexp(m,-1) math.reduce_variance(m) math.reduce_std(m,0) math.reduce_euclidean_norm(m,1)
        norm(m) norm(m,ord=1,axis=0) linalg.norm(m) argmax(m,1) argmin(m) math.argmax(m) cumsum(x)
        math.cumsum(x,exclusive=True) math.cumprod(x,reverse=True) math.count_nonzero(m) math.zero_fraction(m)
        math.segment_sum(x,i) math.segment_mean(x,i) math.segment_max(x,i) math.segment_min(x,i) math.segment_prod(x,i)
        math.unsorted_segment_sum(x,i,2) math.unsorted_segment_mean(x,i,2) math.bincount(n) math.confusion_matrix(n,n)
        math.l2_normalize(x)
    """,
    "shapes": """
        reshape(m,[4]) transpose(m) linalg.matrix_transpose(m) expand_dims(x,0) squeeze([[x]]) concat([x,y],0) stack([x,y])
        unstack(m) split(x,3) tile(x,[2]) repeat(x,2) pad(x,[[1,1]]) pad(x,[[1,1]],"REFLECT") pad(x,[[1,1]],"SYMMETRIC")
        reverse(x,[0]) roll(x,1,0) broadcast_to(x,[2,3]) slice(x,[1],[2]) strided_slice(x,[0],[3],[2]) gather(x,[0,2])
        gather(m,0,axis=1) gather_nd(m,[[0,1]]) scatter_nd([[1]],[2.0],[3]) tensor_scatter_nd_add(x,[[1]],[2.0])
        tensor_scatter_nd_update(x,[[1]],[2.0]) tensor_scatter_nd_sub(x,[[1]],[2.0]) tensor_scatter_nd_max(x,[[1]],[2.0])
        tensor_scatter_nd_min(x,[[1]],[2.0]) boolean_mask(x,b) one_hot(n,4) range(3) range(0,1,0.5) linspace(0.0,1.0,3) eye(2)
        fill([2],1.0) zeros([2]) ones([2]) zeros_like(x) ones_like(x) meshgrid(x,y) sort(x) argsort(x) math.top_k(x,2)
        nn.top_k(x,2) unique(n) unique_with_counts(n) searchsorted(y,x) sequence_mask(n) linalg.band_part(m,0,-1)
        linalg.diag(x) linalg.diag_part(m) linalg.set_diag(m,[0.0,0.0]) linalg.tensor_diag(x) linalg.tensor_diag_part(m)
        rank(m) size(m) shape(m) shape_n([x,m]) ensure_shape(x,[None]) broadcast_static_shape(x.shape,x.shape)
        broadcast_dynamic_shape([2,1],[1,3]) parallel_stack([x,y]) dynamic_partition(x,[0,1,0],2)
        dynamic_stitch([[0],[1]],[[1.0],[2.0]]) unravel_index(3,[2,2]) reverse_sequence(m,[1,2],1)
        math.invert_permutation([1,0]) identity(x) identity_n([x,y]) bitcast(x,tf.int32) math.in_top_k([0,1],m,1)
        space_to_batch([[[[1.0]]]],[1,1],[[0,0],[0,0]])
    """,
    "linear algebra": """
        matmul(m,m) matmul(m,m,transpose_a=True) matmul(m,m,adjoint_b=True) matmul([m,m],[m,m]) linalg.matmul(m,m)
        linalg.matvec(m,[1.0,2.0]) tensordot(m,m,1) einsum("ij,jk->ik",m,m) linalg.inv(m) linalg.det(m) linalg.slogdet(m)
        linalg.logdet(s) linalg.solve(m,m) linalg.cholesky(s) linalg.cholesky_solve(s,m) linalg.triangular_solve(m,m)
        linalg.qr(m) linalg.svd(m) linalg.eigh(s) linalg.eigvalsh(s) linalg.eig(m) linalg.eigvals(m) eig(m) eigvals(m)
        linalg.trace(m) linalg.cross(x,y) linalg.lstsq(m,m) linalg.expm(m) linalg.logm(tf.cast(s,tf.complex64))
        linalg.sqrtm(s) matrix_square_root(s) linalg.pinv(m) linalg.adjoint(m) linalg.lu(m) linalg.matrix_rank(m)
        linalg.normalize(x) linalg.l2_normalize(x) linalg.eye(2) linalg.tridiagonal_solve([y,y*9,y],x)
        linalg.tridiagonal_matmul([y,y,y],[x,x,x]) linalg.tensordot(m,m,1) linalg.einsum("ij->ji",m)
        linalg.banded_triangular_solve(m,m)
    """,
    "neural networks": """
        nn.relu(x) nn.relu6(x) nn.leaky_relu(x) nn.crelu(x) nn.elu(x) nn.selu(x) nn.gelu(x) nn.gelu(x,approximate=True)
        nn.silu(x) nn.swish(x) nn.sigmoid(x) nn.tanh(x) nn.softplus(x) nn.softsign(x) nn.softmax(x) nn.log_softmax(x)
        nn.sigmoid_cross_entropy_with_logits(y,x) nn.weighted_cross_entropy_with_logits(y,x,2.0)
        nn.softmax_cross_entropy_with_logits(y,x) nn.sparse_softmax_cross_entropy_with_logits([0,1],m) nn.l2_loss(x)
        nn.bias_add(m,[1.0,2.0]) nn.dropout(x,0.5) nn.moments(m,[0]) nn.weighted_moments(m,[0],m)
        nn.batch_normalization(m,0.0,1.0,None,None,0.001) nn.embedding_lookup(m,[0,1]) nn.l2_normalize(x)
        nn.log_poisson_loss(x,y) nn.zero_fraction(x) nn.in_top_k([0,1],m,1) nn.normalize_moments(2.0,x,y,None)
        nn.sufficient_statistics(m,[0]) nn.local_response_normalization([[[[1.0]]]])
    """,
    "random numbers": """
        random.set_seed(1) random.uniform([2]) random.uniform([2],0,9,tf.int32) random.normal([2])
        random.truncated_normal([2]) random.shuffle(x) random.categorical(m,2) random.gamma([2],1.0) random.poisson([2],1.0)
        random.Generator.from_seed(1).normal([2]) random.get_global_generator().uniform([2])
        random.stateless_uniform([2],[1,2]) random.stateless_normal([2],[1,2]) random.stateless_truncated_normal([2],[1,2])
        random.stateless_categorical(m,2,[1,2]) random.create_rng_state(1,"philox") random.split([1,2])
        random.fold_in([1,2],3)
    """,
    "text, time and order": """
        print("",end="") strings.format("{}",x) strings.as_string(x) strings.join(["a","b"]) strings.length("ab") as_string(x)
        timestamp() group(x) no_op() tuple([x]) stop_gradient(x) grad_pass_through(tf.identity)(x)
    """,
    "control flow": """
        map_fn(tf.square,x) foldl(tf.add,x) foldr(tf.add,x) scan(tf.add,x) vectorized_map(tf.square,x)
        cond(tf.constant(True),lambda:x,lambda:y) case([(tf.constant(True),lambda:x)]) switch_case(tf.constant(0),[lambda:x])
        while_loop(below_9,tf.square,[2.0]) TensorArray(tf.float32,1).write(0,1.0).stack() function(tf.square)(x)
        py_function(tf.square,[x],tf.float32) numpy_function(np.square,[x],tf.float32)
    """,
    "values": """
        constant([1]) convert_to_tensor([1.0]) Variable(1.0) cast(x,tf.int32) saturate_cast(x,tf.uint8) as_dtype("float32")
        TensorShape([1]) TensorSpec([1]) IndexedSlices([1.0],[0]) Module() name_scope("a") device("CPU:0") executing_eagerly()
        get_static_value(x) is_tensor(x) nest.flatten([x,[y]]) nest.map_structure(tf.square,[x])
        nest.pack_sequence_as([1],[2]) nest.is_nested([x]) nest.assert_same_structure([1],[2]) config.list_physical_devices()
        config.run_functions_eagerly(False) config.set_visible_devices([],"GPU") control_dependencies([]) init_scope()
        get_logger()
    """,
    "checks": """
        debugging.assert_equal(n,n) debugging.assert_less(n,9) debugging.assert_near(x,x) debugging.assert_rank(x,1)
        debugging.assert_shapes([(x,["n"])]) debugging.assert_all_finite(x,"") debugging.check_numerics(x,"")
        debugging.assert_type(x,tf.float32) debugging.assert_non_negative(y) debugging.assert_scalar(1.0) assert_equal(n,n)
        assert_greater(9,n) assert_less(n,9) assert_rank(x,1) debugging.Assert(True,[x]) ensure_shape(x,[3])
        debugging.is_numeric_tensor(x) debugging.assert_same_float_dtype([x])
    """,
    "differentiation": """
        GradientTape() autodiff.GradientTape(persistent=True) autodiff.ForwardAccumulator([x],[y]) custom_gradient(twice)(x)
        no_gradient("OfThisTest") recompute_grad(tf.square)(x) UnconnectedGradients.ZERO.value
        test.compute_gradient(tf.square,[x])
    """,
}

KERAS_OPTIMIZERS = "SGD Adam AdamW Adamax Nadam RMSprop Adagrad Adadelta Ftrl Lion Lamb Adafactor"
SCHEDULES = """
ExponentialDecay(0.1,9,0.5) PiecewiseConstantDecay([3],[0.1,0.2]) PolynomialDecay(0.1,9) InverseTimeDecay(0.1,9,0.5)
CosineDecay(0.1,9) CosineDecayRestarts(0.1,9)
"""
MEMBERS = {
    "tf.constant(1.0)": """
        dtype shape ndim numpy __array__ __array_priority__ __len__ __iter__ __getitem__ __bool__ __int__ __float__
        __complex__ __index__ ref __copy__ __deepcopy__ device get_shape set_shape
    """,
    "tf.Variable(1.0)": """
        dtype shape name trainable constraint assign assign_add assign_sub scatter_add scatter_sub scatter_update scatter_max
        scatter_min scatter_mul scatter_div scatter_nd_add scatter_nd_sub scatter_nd_update batch_scatter_update gather_nd
        sparse_read read_value value numpy device ref is_initialized
    """,
    "tf.float32": """
        name is_floating is_integer is_complex is_bool is_unsigned min max limits size as_numpy_dtype as_datatype_enum
        real_dtype base_dtype is_compatible_with is_numeric
    """,
    "tf.TensorShape([1])": """
        rank ndims dims as_list num_elements is_fully_defined is_compatible_with merge_with concatenate with_rank
        with_rank_at_least with_rank_at_most assert_has_rank assert_is_compatible_with assert_same_rank
        assert_is_fully_defined
    """,
    "tf.Module()": """
        name name_scope variables trainable_variables non_trainable_variables submodules with_name_scope
    """,
    "tf.GradientTape()": """
        watch gradient jacobian batch_jacobian watched_variables stop_recording reset
    """,
    "tf.keras.optimizers.Adam()": """
        apply_gradients apply minimize learning_rate lr iterations variables get_config from_config clipnorm clipvalue
        global_clipnorm weight_decay use_ema build finalize_variable_values exclude_from_weight_decay save_own_variables
        load_own_variables assign assign_add assign_sub set_weights get_weights
    """,
}

GIVEN = {
    "x": [1.5, -2.0, 0.5],
    "y": [1.0, 2.0, 3.0],
    "n": [1, 2, 2],
    "i": [0, 0, 1],
    "b": [True, False, True],
    "m": [[1.0, 2.0], [3.0, 5.0]],
    "s": [[2.0, 1.0], [1.0, 2.0]],
    "z": [1 + 2j, 3j],
}


def below_9(number):
    return number < 9


def twice(a):
    return a * 2, lambda upstream: upstream * 2


CALLS = [(family, call) for family, calls in FAMILIES.items() for call in calls.split()]


@pytest.mark.parametrize("family, call", CALLS)
def test_it_is_there_and_takes_a_simple_input(family, call):
    given = {name: tf.constant(value) for name, value in GIVEN.items()}
    eval(f"tf.{call}", {"tf": tf, "np": np, "below_9": below_9, "twice": twice, **given})


@pytest.mark.parametrize("name", KERAS_OPTIMIZERS.split())
def test_an_optimizer_lowers_a_loss(name):
    x = tf.Variable([3.0])
    optimizer = getattr(tf.keras.optimizers, name)(learning_rate=0.01)
    optimizer.minimize(lambda: tf.reduce_sum(x * x), [x])
    assert 0 < x.numpy()[0] < 3.0


@pytest.mark.parametrize("call", SCHEDULES.split())
def test_a_schedule_gives_a_rate(call):
    schedule = eval(f"tf.keras.optimizers.schedules.{call}", {"tf": tf})
    assert float(schedule(0)) > 0.0
    assert tf.keras.optimizers.SGD(schedule).learning_rate.numpy() > 0.0


@pytest.mark.parametrize("kind", MEMBERS)
def test_it_has_its_members(kind):
    value = eval(kind, {"tf": tf})
    assert [name for name in MEMBERS[kind].split() if not hasattr(value, name)] == []


def had(path):
    """What `tf.PATH` is, or None."""
    try:
        return functools.reduce(getattr, path.split("."), tf)
    except (AttributeError, ImportError):
        return None


@pytest.mark.parametrize("paths", [paths for paths in SIGNATURES if " " in paths and any(map(had, paths.split()))])
def test_it_is_in_every_place_that_tensorflow_has_it(paths):
    found = {path: had(path) for path in paths.split()}
    assert None not in found.values(), [path for path, value in found.items() if value is None]
    if not paths.startswith("keras."):
        assert len(set(map(id, found.values()))) == 1
