using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouteLLM.Onnx;

/// <summary>Runs a model that takes token ids, <c>[batch, sequence]</c>, and gives one row of output a prompt: a classifier or an encoder.</summary>
/// <remarks>Thread-safe. Ids are 64 or 32 bits wide, outputs 32 or 16, as the model has them. Dimensions that a model has fixed are filled with padding.</remarks>
internal sealed class EncoderSession
{
    private readonly OnnxModel _model;
    private readonly OnnxTensorInfo _output;
    private readonly RowReader _read;
    private readonly int _padId;
    private readonly bool _is32Bit;
    private readonly string[] _inputNames;
    private readonly int _typesIndex;
    private readonly string[] _outputNames;
    private readonly int? _fixedRows;
    private readonly int? _fixedSequence;

    /// <exception cref="OnnxModelException">The model takes or gives something else.</exception>
    public EncoderSession(OnnxModel model, OnnxTensorInfo output, RowReader read, int padId)
    {
        _model = model;
        _output = output;
        _read = read;
        _padId = padId;
        OnnxModelOptions options = model.Options;
        OnnxTensorInfo ids = CheckInput(model.Input(options.InputIdsName, nameof(OnnxModelOptions.InputIdsName)));
        OnnxTensorInfo mask = CheckInput(model.Input(options.AttentionMaskName, nameof(OnnxModelOptions.AttentionMaskName)));
        OnnxTensorInfo? types = model.Inputs.FirstOrDefault(input => input.Name == options.TokenTypeIdsName);
        OnnxTensorInfo[] inputs = types is null ? [ids, mask] : [ids, mask, CheckInput(types)];
        if (model.Inputs.Except(inputs).ToArray() is { Length: > 0 } others)
        {
            throw model.Problem($"it wants inputs that are not known here: {OnnxModel.Describe(others)}. Export it as a classifier or an encoder, without caches, with the inputs {options.InputIdsName} and {options.AttentionMaskName}, "
                + $"and at most {options.TokenTypeIdsName} besides.");
        }

        if (inputs.Any(input => input.ElementType != ids.ElementType))
        {
            throw model.Problem($"its inputs differ in type: {OnnxModel.Describe(inputs)}. Export it with 64-bit integers throughout.");
        }

        if (output.ElementType is not (TensorElementType.Float or TensorElementType.Float16))
        {
            throw model.Problem($"its output {output.Description} is not of type {TensorElementType.Float} or {TensorElementType.Float16}. Choose another in {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.OutputName)}, or export it in 32 bits.");
        }

        _is32Bit = ids.ElementType == TensorElementType.Int32;
        _inputNames = [.. inputs.Select(static input => input.Name)];
        _typesIndex = types is null ? -1 : 2;
        _outputNames = [output.Name];
        _fixedRows = ids.Shape[0] > 0 ? ids.Shape[0] : null;
        _fixedSequence = ids.Shape[1] > 0 ? ids.Shape[1] : null;
    }

    /// <summary>Gets how many prompts a run takes at most.</summary>
    public int LargestBatch => _fixedRows ?? int.MaxValue;

    /// <summary>Gets how many tokens a prompt may have, where the model has fixed it.</summary>
    public int? MaxTokens => _fixedSequence;

    /// <summary>Runs prompts together.</summary>
    /// <param name="prompts">The token ids of each, with special tokens, and one at least.</param>
    /// <param name="cancellationToken">Ends the run early.</param>
    /// <returns>What the reader takes out of each prompt's output.</returns>
    /// <exception cref="OnnxModelException">The run failed, or gave something of another shape.</exception>
    public float[][] Run(IReadOnlyList<ReadOnlyMemory<int>> prompts, CancellationToken cancellationToken) =>
        _is32Bit ? Run<int>(prompts, cancellationToken) : Run<long>(prompts, cancellationToken);

    private float[][] Run<T>(IReadOnlyList<ReadOnlyMemory<int>> prompts, CancellationToken cancellationToken)
        where T : unmanaged, INumberBase<T>
    {
        cancellationToken.ThrowIfCancellationRequested();
        int rows = _fixedRows ?? prompts.Count;
        int sequence = _fixedSequence ?? prompts.Max(static prompt => prompt.Length);
        int size = rows * sequence;
        T[] buffer = ArrayPool<T>.Shared.Rent(size * _inputNames.Length);
        try
        {
            Fill(prompts, buffer.AsSpan(0, size), buffer.AsSpan(size, size), sequence);
            if (_typesIndex >= 0)
            {
                buffer.AsSpan(_typesIndex * size, size).Clear();
            }

            return Run(prompts, buffer, [rows, sequence], cancellationToken);
        }
        finally
        {
            ArrayPool<T>.Shared.Return(buffer);
        }
    }

    private float[][] Run<T>(IReadOnlyList<ReadOnlyMemory<int>> prompts, T[] buffer, long[] shape, CancellationToken cancellationToken)
        where T : unmanaged
    {
        int size = checked((int)(shape[0] * shape[1]));
        var inputs = new OrtValue[_inputNames.Length];
        try
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                inputs[i] = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, buffer.AsMemory(i * size, size), shape);
            }

            using var options = new RunOptions();
            using (cancellationToken.UnsafeRegister(static state => ((RunOptions)state!).Terminate = true, options))
            {
                using IDisposableReadOnlyCollection<OrtValue> outputs = _model.Session.Run(options, _inputNames, inputs, _outputNames);
                return Read(outputs[0], prompts, shape);
            }
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _model.Problem($"ONNX Runtime cannot run it on {prompts.Count} prompt(s) of up to {shape[1]} tokens: {e.Message.Trim()} If ids or positions are out of range, the tokenizer is not the model's own, or prompts are too long for it.", e);
        }
        finally
        {
            Array.ForEach(inputs, static input => input?.Dispose());
        }
    }

    private void Fill<T>(IReadOnlyList<ReadOnlyMemory<int>> prompts, Span<T> ids, Span<T> mask, int sequence)
        where T : unmanaged, INumberBase<T>
    {
        ids.Fill(T.CreateChecked(_padId));
        mask.Clear();
        for (int row = 0; row < prompts.Count; row++)
        {
            ReadOnlySpan<int> prompt = prompts[row].Span;
            for (int i = 0; i < prompt.Length; i++)
            {
                ids[(row * sequence) + i] = T.CreateTruncating(prompt[i]);
            }

            mask.Slice(row * sequence, prompt.Length).Fill(T.One);
        }
    }

    private float[][] Read(OrtValue output, IReadOnlyList<ReadOnlyMemory<int>> prompts, long[] inputShape)
    {
        OrtTensorTypeAndShapeInfo info = output.GetTensorTypeAndShape();
        long[] shape = info.Shape;
        if (shape is not [var rows, .., > 0 and var size] || rows != inputShape[0] || (shape.Length == 3 && shape[1] != inputShape[1]) || shape.Length is < 2 or > 3)
        {
            throw _model.Problem($"its output {_output.Description} came as [{string.Join(", ", shape)}] for ids of [{string.Join(", ", inputShape)}]; [batch, n] or [batch, sequence, n] was expected. "
                + $"Choose another output in {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.OutputName)}, or export the model again.");
        }

        if (info.ElementDataType == TensorElementType.Float)
        {
            return Read(output.GetTensorDataAsSpan<float>(), prompts, (int)size);
        }

        ReadOnlySpan<Half> halves = MemoryMarshal.Cast<Float16, Half>(output.GetTensorDataAsSpan<Float16>());
        var singles = new float[halves.Length];
        TensorPrimitives.ConvertToSingle(halves, singles);
        return Read(singles, prompts, (int)size);
    }

    private float[][] Read(ReadOnlySpan<float> output, IReadOnlyList<ReadOnlyMemory<int>> prompts, int size)
    {
        int rowLength = output.Length / (_fixedRows ?? prompts.Count);
        var results = new float[prompts.Count][];
        for (int row = 0; row < results.Length; row++)
        {
            results[row] = _read(output.Slice(row * rowLength, rowLength), size, prompts[row].Length);
        }

        return results;
    }

    private OnnxTensorInfo CheckInput(OnnxTensorInfo input) =>
        input.Shape.Count == 2 && input.ElementType is TensorElementType.Int64 or TensorElementType.Int32
            ? input
            : throw _model.Problem($"its input {input.Description} is not of type {TensorElementType.Int64} or {TensorElementType.Int32} and shape [batch, sequence]. Export the model again, as a classifier or an encoder of text.");
}
