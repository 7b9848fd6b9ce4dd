namespace RouteLLM.Internals;

/// <summary>Notes, for one call, how long its provider asked to be left alone: the exceptions of <see cref="HttpClient"/> say nothing of headers.</summary>
internal sealed class RetryAfterMark
{
    private static readonly AsyncLocal<RetryAfterMark?> s_current = new();

    /// <summary>Gets or sets what the latest answer asked for.</summary>
    public TimeSpan? Value { get; set; }

    /// <summary>Gets the mark of the call under way, or <see langword="null"/>.</summary>
    public static RetryAfterMark? Current => s_current.Value;

    /// <summary>Begins a call: what answers it from now on in this flow is noted on the mark that is returned.</summary>
    public static RetryAfterMark Begin() => s_current.Value = new();
}
