namespace RouteLLM.Internals;

/// <summary>Notes, for one attempt, whether the model itself was called or its route's middleware answered, as a cache does.</summary>
internal sealed class ModelCallMark
{
    private static readonly AsyncLocal<ModelCallMark?> s_current = new();

    private volatile bool _called;

    /// <summary>Gets a value indicating whether the model was called.</summary>
    public bool IsCalled => _called;

    /// <summary>Begins an attempt: what the current flow calls from now on is noted on the mark that is returned.</summary>
    public static ModelCallMark Begin() => s_current.Value = new();

    /// <summary>Has what the current flow calls from now on be noted on this mark: what was set while a stream was asked for its last update has not flowed on to this one.</summary>
    public void Resume() => s_current.Value = this;

    /// <summary>Notes that the model is being called.</summary>
    public static void Set() => s_current.Value?._called = true;
}
