using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouteLLM.Onnx;

/// <summary>What a causal language model takes and gives, with a key-value cache or without, as Optimum and ONNX Runtime's tools export it.</summary>
internal sealed class CausalSession
{
    private const string PastPrefix = "past", PositionIds = "position_ids", LogitsToKeep = "num_logits_to_keep";

    /// <exception cref="OnnxModelException">The model takes or gives something else.</exception>
    public CausalSession(OnnxModel model)
    {
        Model = model;
        OnnxModelOptions options = model.Options;
        OnnxTensorInfo ids = model.Input(options.InputIdsName, nameof(OnnxModelOptions.InputIdsName));
        OnnxTensorInfo mask = model.Input(options.AttentionMaskName, nameof(OnnxModelOptions.AttentionMaskName));
        OnnxTensorInfo? positions = Find(PositionIds), kept = Find(LogitsToKeep);
        OnnxTensorInfo[] numbers = [.. new[] { ids, mask, positions, kept }.OfType<OnnxTensorInfo>()];
        Past = [.. model.Inputs.Where(static input => input.Name.StartsWith(PastPrefix, StringComparison.Ordinal))];
        if (model.Inputs.Except(numbers).Except(Past).ToArray() is { Length: > 0 } others)
        {
            throw model.Problem($"it wants inputs that are not known here: {OnnxModel.Describe(others)}. Export it for text generation, with {options.InputIdsName}, {options.AttentionMaskName}, and at most {PositionIds} and {PastPrefix}_key_values.* besides.");
        }

        if (numbers.FirstOrDefault(input => input.ElementType is not (TensorElementType.Int64 or TensorElementType.Int32) || input.ElementType != ids.ElementType) is { } wrong)
        {
            throw model.Problem($"its input {wrong.Description} is not of whole numbers as wide as those of '{ids.Name}'. Export it again.");
        }

        OnnxTensorInfo logits = model.Output("logits");
        if (logits.ElementType is not (TensorElementType.Float or TensorElementType.Float16) || logits.Shape.Count is not (0 or 3))
        {
            throw model.Problem($"its output {logits.Description} is not of type {TensorElementType.Float} or {TensorElementType.Float16} and shape [batch, sequence, vocabulary]. Export it for text generation.");
        }

        foreach (OnnxTensorInfo past in Past)
        {
            if (past.ElementType is not (TensorElementType.Float or TensorElementType.Float16) || past.Shape is not [_, > 0, _, > 0])
            {
                throw model.Problem($"its cache input {past.Description} is not of type {TensorElementType.Float} or {TensorElementType.Float16} and shape [batch, heads, past, size] with heads and size fixed. Export it again.");
            }
        }

        NumberNames = [.. numbers.Select(static input => input.Name)];
        Is32Bit = ids.ElementType == TensorElementType.Int32;
        HasPositions = positions is not null;
        KeptLogits = kept;
        OutputNames = [logits.Name, .. Past.Select(past => Present(past).Name)];

        OnnxTensorInfo? Find(string name) => model.Inputs.FirstOrDefault(input => input.Name == name);
    }

    public OnnxModel Model { get; }

    /// <summary>Gets the inputs of whole numbers: ids, mask and, where there are such, positions and how many logits to keep.</summary>
    public string[] NumberNames { get; }

    /// <summary>Gets the inputs of the cache; none for a model without.</summary>
    public OnnxTensorInfo[] Past { get; }

    /// <summary>Gets the logits' name, then those of the cache's new state in the order of <see cref="Past"/>.</summary>
    public string[] OutputNames { get; }

    public bool Is32Bit { get; }

    public bool HasPositions { get; }

    public OnnxTensorInfo? KeptLogits { get; }

    /// <summary>Starts to generate after a prompt.</summary>
    public CausalRun Start(ReadOnlySpan<int> prompt) => new(this, prompt);

    // past_key_values.0.key goes with present.0.key, or present_key_values.0.key.
    private OnnxTensorInfo Present(OnnxTensorInfo past)
    {
        int dot = past.Name.IndexOf('.', StringComparison.Ordinal);
        string rest = dot < 0 ? past.Name[PastPrefix.Length..] : past.Name[dot..];
        return Model.Outputs.FirstOrDefault(output => output.Name.StartsWith("present", StringComparison.Ordinal) && output.Name.EndsWith(rest, StringComparison.Ordinal))
            ?? throw Model.Problem($"it takes the cache '{past.Name}' and gives no 'present{rest}' for the next step; its outputs are {OnnxModel.Describe(Model.Outputs)}. Export it again.");
    }
}
