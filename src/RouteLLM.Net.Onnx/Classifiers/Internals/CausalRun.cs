using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouteLLM.Onnx;

/// <summary>One prompt being answered, a token at a time.</summary>
internal sealed class CausalRun : IDisposable
{
    private readonly CausalSession _session;
    private readonly List<int> _ids;
    private OrtValue[] _cache = [];
    private float[] _logits = [];
    private int _read;

    public CausalRun(CausalSession session, ReadOnlySpan<int> prompt)
    {
        _session = session;
        _ids = [.. prompt];
    }

    /// <summary>Adds what was chosen.</summary>
    public void Append(int id) => _ids.Add(id);

    /// <summary>Gives the logits of the next token, <c>[vocabulary]</c>, valid until the next call.</summary>
    /// <exception cref="OnnxModelException">The run failed, or gave something of another shape.</exception>
    public ReadOnlySpan<float> Next(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        OnnxModel model = _session.Model;
        List<OrtValue> inputs = [];
        try
        {
            // The cache holds what was read before, so only what is new is fed; without one, everything is.
            int past = _session.Past.Length == 0 ? 0 : _read;
            int[] fresh = [.. _ids.Skip(past)];
            inputs.Add(Numbers(fresh, 1, fresh.Length));
            inputs.Add(Numbers([.. Enumerable.Repeat(1, _ids.Count)], 1, _ids.Count));
            if (_session.HasPositions)
            {
                inputs.Add(Numbers([.. Enumerable.Range(past, fresh.Length)], 1, fresh.Length));
            }

            if (_session.KeptLogits is { } kept)
            {
                inputs.Add(Numbers([1], [.. kept.Shape.Select(static _ => 1L)]));
            }

            if (_cache.Length == 0)
            {
                _cache = [.. _session.Past.Select(Empty)];
            }

            Run(model, inputs, cancellationToken);
            _read = _ids.Count;
            return _logits;
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw model.Problem($"ONNX Runtime cannot run it on a prompt of {_ids.Count} tokens: {e.Message.Trim()} If ids or positions are out of range, the tokenizer is not the model's own, or prompts are too long for it.", e);
        }
        finally
        {
            inputs.ForEach(static input => input.Dispose());
        }
    }

    public void Dispose()
    {
        Array.ForEach(_cache, static value => value.Dispose());
        _cache = [];
    }

    private void Run(OnnxModel model, List<OrtValue> inputs, CancellationToken cancellationToken)
    {
        string[] names = [.. _session.NumberNames, .. _session.Past.Select(static past => past.Name)];
        using var options = new RunOptions();
        using (cancellationToken.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, options))
        {
            IDisposableReadOnlyCollection<OrtValue> outputs = model.Session.Run(options, names, [.. inputs, .. _cache], _session.OutputNames);
            try
            {
                ReadLogits(model, outputs[0]);
            }
            catch
            {
                outputs.Dispose();
                throw;
            }

            // What the cache has become is fed as it is in the next step.
            Dispose();
            _cache = [.. outputs.Skip(1)];
            outputs[0].Dispose();
        }
    }

    private void ReadLogits(OnnxModel model, OrtValue logits)
    {
        OrtTensorTypeAndShapeInfo info = logits.GetTensorTypeAndShape();
        if (info.Shape is not [1, > 0, > 0 and var vocabulary])
        {
            throw model.Problem($"its logits came as [{string.Join(", ", info.Shape)}] for one prompt; [1, sequence, vocabulary] was expected. Choose another output in {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.OutputName)}, or export the model again.");
        }

        int size = (int)vocabulary;
        _logits = _logits.Length == size ? _logits : new float[size];
        if (info.ElementDataType == TensorElementType.Float)
        {
            logits.GetTensorDataAsSpan<float>()[^size..].CopyTo(_logits);
        }
        else
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(logits.GetTensorDataAsSpan<Float16>())[^size..], _logits);
        }
    }

    private OrtValue Numbers(int[] values, params long[] shape) => _session.Is32Bit
        ? OrtValue.CreateTensorValueFromMemory(values, shape)
        : OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, static value => (long)value), shape);

    private static OrtValue Empty(OnnxTensorInfo past) =>
        OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, past.ElementType, [1, past.Shape[1], 0, past.Shape[3]]);
}
