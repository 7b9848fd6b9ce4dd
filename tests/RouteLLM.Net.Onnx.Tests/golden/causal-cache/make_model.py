"""Builds model.onnx of this folder: the weights of ../causal, with the key-value cache and the inputs that exporters give such models.

Needs Python with onnx (Debian's python3-onnx 1.12 was used) and numpy: python3 make_model.py
"""
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = os.path.dirname(os.path.abspath(__file__))
source = onnx.load(os.path.join(here, "../causal/model.onnx"))
config = json.load(open(os.path.join(here, "../causal/config.json")))
heads, shared_heads, layers = config["num_attention_heads"], config["num_key_value_heads"], config["num_hidden_layers"]
hidden, size = config["hidden_size"], config["hidden_size"] // config["num_attention_heads"]

weights = {tensor.name: tensor for tensor in source.graph.initializer}
by_node = {node.name: node.input[1] for node in source.graph.node if node.op_type == "MatMul"}
nodes, initializers, used = [], [], set()


def weight(name):
    if name not in used:
        used.add(name)
        initializers.append(weights[name])
    return name


def constant(values, dtype=np.int64):
    array = np.array(values, dtype=dtype)
    name = "c_%s_%s" % (np.dtype(dtype).name, "_".join(str(v) for v in array.flatten()) + "x".join(str(d) for d in array.shape))
    if name not in used:
        used.add(name)
        initializers.append(numpy_helper.from_array(array, name))
    return name


def op(kind, *inputs, **attributes):
    output = "t%d" % len(nodes)
    nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
    return output


def linear(x, name):
    return op("MatMul", x, weight(by_node["/m/" + name + "/MatMul"]))


def normalized(x):
    # All norms of the tiny model share one tensor of ones.
    mean = op("ReduceMean", op("Mul", x, x), axes=[-1])
    return op("Mul", op("Div", x, op("Sqrt", op("Add", mean, constant(config["rms_norm_eps"], np.float32)))), weight("m.model.layers.0.input_layernorm.weight"))


def split_heads(x, count):
    return op("Transpose", op("Reshape", x, constant([0, 0, count, size])), perm=[0, 2, 1, 3])


def rotated(x):
    first = op("Slice", x, constant([0]), constant([size // 2]), constant([-1]))
    second = op("Slice", x, constant([size // 2]), constant([size]), constant([-1]))
    return op("Add", op("Mul", x, cos), op("Mul", op("Concat", op("Neg", second), first, axis=-1), sin))


def dimension(x, axis):
    return op("Gather", op("Shape", x), constant(axis))


frequencies = (1.0 / config["rope_theta"] ** (np.arange(0, size, 2, dtype=np.float32) / size)).astype(np.float32)
initializers.append(numpy_helper.from_array(frequencies.reshape(1, 1, -1), "frequencies"))
angles = op("Mul", op("Unsqueeze", op("Cast", "position_ids", to=TensorProto.FLOAT), constant([-1])), "frequencies")
angles = op("Unsqueeze", op("Concat", angles, angles, axis=-1), constant([1]))
cos, sin = op("Cos", angles), op("Sin", angles)

total = dimension("attention_mask", 1)
past = dimension("past_key_values.0.key", 2)
own = op("Unsqueeze", op("Range", past, op("Add", past, dimension("input_ids", 1)), constant(1)), constant([1]))
later = op("Greater", op("Range", constant(0), total, constant(1)), own)
padding = op("Equal", op("Unsqueeze", "attention_mask", constant([1, 2, 3])), constant(0))
hidden_keys = op("Or", later, padding)
mask = op("Mul", op("Cast", hidden_keys, to=TensorProto.FLOAT), constant(np.finfo(np.float32).min, np.float32))

x = op("Gather", weight("m.model.embed_tokens.weight"), "input_ids")
outputs = []
for layer in range(layers):
    name = "model/layers.%d/" % layer
    y = normalized(x)
    queries = rotated(split_heads(linear(y, name + "self_attn/q_proj"), heads))
    keys = rotated(split_heads(linear(y, name + "self_attn/k_proj"), shared_heads))
    values = split_heads(linear(y, name + "self_attn/v_proj"), shared_heads)
    for kind, past_name, present in (("key", keys, "present.%d.key" % layer), ("value", values, "present.%d.value" % layer)):
        nodes.append(helper.make_node("Concat", ["past_key_values.%d.%s" % (layer, kind), past_name], [present], axis=2))
        outputs.append(helper.make_tensor_value_info(present, TensorProto.FLOAT, ["batch", shared_heads, "total", size]))
    queries = op("Reshape", queries, op("Concat", constant([-1]), constant([shared_heads, heads // shared_heads]), op("Unsqueeze", dimension("input_ids", 1), constant([0])), constant([size]), axis=0))
    keys = op("Unsqueeze", "present.%d.key" % layer, constant([2]))
    values = op("Unsqueeze", "present.%d.value" % layer, constant([2]))
    scores = op("Mul", op("MatMul", queries, op("Transpose", keys, perm=[0, 1, 2, 4, 3])), constant(size ** -0.5, np.float32))
    mixed = op("MatMul", op("Softmax", op("Add", scores, mask), axis=-1), values)
    mixed = op("Reshape", op("Transpose", mixed, perm=[0, 3, 1, 2, 4]), constant([0, 0, hidden]))
    x = op("Add", x, linear(mixed, name + "self_attn/o_proj"))
    y = normalized(x)
    gate = linear(y, name + "mlp/gate_proj")
    x = op("Add", x, linear(op("Mul", op("Mul", gate, op("Sigmoid", gate)), linear(y, name + "mlp/up_proj")), name + "mlp/down_proj"))
nodes.append(helper.make_node("MatMul", [normalized(x), weight(by_node["/m/lm_head/MatMul"])], ["logits"]))

inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "sequence"]),
          helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch", "total"]),
          helper.make_tensor_value_info("position_ids", TensorProto.INT64, ["batch", "sequence"])]
for layer in range(layers):
    for kind in ("key", "value"):
        inputs.append(helper.make_tensor_value_info("past_key_values.%d.%s" % (layer, kind), TensorProto.FLOAT, ["batch", shared_heads, "past", size]))
outputs.insert(0, helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", "sequence", config["vocab_size"]]))
model = helper.make_model(helper.make_graph(nodes, "causal-cache", inputs, outputs, initializers), opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, os.path.join(here, "model.onnx"))
