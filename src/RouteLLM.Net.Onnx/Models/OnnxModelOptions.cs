using Microsoft.ML.OnnxRuntime;

namespace RouteLLM.Onnx;

/// <summary>How a model is found, loaded and run.</summary>
public sealed class OnnxModelOptions
{
    /// <summary>
    /// Gets or sets the model's file, relative to its folder. By default it is <c>model.onnx</c>, else <c>onnx/model.onnx</c>, where repositories of models keep it.
    /// External data (<c>model.onnx_data</c>, <c>model.onnx.data</c>) are found beside it.
    /// </summary>
    public string? FileName { get; set; }

    /// <summary>Gets or sets the name of the input that takes token ids. The default is <c>input_ids</c>.</summary>
    public string InputIdsName { get; set; } = "input_ids";

    /// <summary>Gets or sets the name of the input that tells tokens (1) from padding (0). The default is <c>attention_mask</c>.</summary>
    public string AttentionMaskName { get; set; } = "attention_mask";

    /// <summary>Gets or sets the name of the input that takes token types, which are all 0; it is fed if the model has it. The default is <c>token_type_ids</c>.</summary>
    public string TokenTypeIdsName { get; set; } = "token_type_ids";

    /// <summary>
    /// Gets or sets the name of the output that is read. By default that is <c>logits</c> for a classifier and, for embeddings, the first there is of <c>sentence_embedding</c>, <c>last_hidden_state</c> and <c>token_embeddings</c>;
    /// or the only output a model has, whatever its name.
    /// </summary>
    public string? OutputName { get; set; }

    /// <summary>Gets or sets how many threads share the work of one operator; ONNX Runtime's own choice, a thread for each physical core, by default.</summary>
    public int? IntraOpThreads { get; set; }

    /// <summary>Gets or sets how many operators run side by side; ONNX Runtime's own choice, one, by default. More than one makes execution parallel, which few models gain from.</summary>
    public int? InterOpThreads { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether the session's threads wait for work by spinning, which answers a little sooner and keeps cores busy for a while after every run. The default is <see langword="true"/>, as ONNX Runtime's;
    /// turn it off where the application needs the cores.
    /// </summary>
    public bool AllowSpinning { get; set; } = true;

    /// <summary>
    /// Gets or sets what else to do to the session's options before the model is loaded, such as to append an execution provider (<c>options.AppendExecutionProvider_CUDA()</c>, with the native package that has it)
    /// or to register custom operators; nothing by default.
    /// </summary>
    /// <remarks>It runs last, so it has the last word. The options are disposed once the model is loaded.</remarks>
    public Action<SessionOptions>? ConfigureSession { get; set; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(InputIdsName);
        ArgumentException.ThrowIfNullOrEmpty(AttentionMaskName);
        ArgumentException.ThrowIfNullOrEmpty(TokenTypeIdsName);
        CheckThreads(IntraOpThreads, nameof(IntraOpThreads));
        CheckThreads(InterOpThreads, nameof(InterOpThreads));
    }

    internal SessionOptions CreateSessionOptions()
    {
        var session = new SessionOptions();
        try
        {
            // Patterns are kept for every shape of input that was ever seen, and here shapes vary with prompts and batches without end.
            session.EnableMemoryPattern = false;
            if (IntraOpThreads is { } intra)
            {
                session.IntraOpNumThreads = intra;
            }

            if (InterOpThreads is { } inter)
            {
                session.InterOpNumThreads = inter;
                session.ExecutionMode = inter > 1 ? ExecutionMode.ORT_PARALLEL : ExecutionMode.ORT_SEQUENTIAL;
            }

            if (!AllowSpinning)
            {
                session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
                session.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
            }

            ConfigureSession?.Invoke(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static void CheckThreads(int? threads, string name)
    {
        if (threads < 1)
        {
            throw new ArgumentOutOfRangeException(name, threads, $"{name} is at least 1; leave it null for ONNX Runtime's own choice.");
        }
    }
}
