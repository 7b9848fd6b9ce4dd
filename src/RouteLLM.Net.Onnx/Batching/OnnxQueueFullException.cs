namespace RouteLLM.Onnx;

/// <summary>A prompt was turned away because too many are waiting for the model: a load shed.</summary>
/// <remarks>A routed chat client takes it as any failure of its router: the request is answered by the route of its fallback.</remarks>
public sealed class OnnxQueueFullException : InvalidOperationException
{
    internal OnnxQueueFullException(int waiting, int capacity)
        : base($"{waiting} prompts are waiting for the model, and {nameof(BatchingOptions)}.{nameof(BatchingOptions.QueueCapacity)} is {capacity}: this one was turned away. "
            + "Send fewer at a time, give the model more threads or a faster device, or raise the capacity if callers can wait longer.")
    {
        Capacity = capacity;
    }

    /// <summary>Gets how many prompts may wait.</summary>
    public int Capacity { get; }
}
