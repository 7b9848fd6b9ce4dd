namespace RouteLLM.Diagnostics;

/// <summary>Options of a <see cref="DecisionLog"/>.</summary>
public sealed class DecisionLogOptions
{
    /// <summary>Gets or sets where the log goes, such as <c>logs/decisions.jsonl</c>: a file there is named <c>decisions-20260314-001.jsonl</c>, by the day (UTC) and a number. Missing folders are made. Required.</summary>
    public string Path { get; set; } = "";

    /// <summary>Gets or sets how many bytes a file may have before the next one is begun, at least 1. The default is 100 MB. A new one is begun each day (UTC), and when a log starts, so that no two processes ever write to one file. A batch of lines, 64 KB and a little more at most, is never split, so where this is less a file may have more.</summary>
    public long MaxFileBytes { get; set; } = 100_000_000;

    /// <summary>Gets or sets how many files to keep, the newest, or <see langword="null"/>, the default, to delete none.</summary>
    public int? RetainedFiles { get; set; }

    /// <summary>Gets or sets how many decisions may wait to be written, at least 1. The default is 10,000. Further ones are dropped and counted: no request waits for the log. It also bounds what a crash can lose.</summary>
    public int Capacity { get; set; } = 10_000;

    /// <summary>Gets or sets a value indicating whether each batch is forced to the disk, so that a power cut loses no more than a crash of the process. The default is <see langword="false"/>: the operating system writes when it sees fit.</summary>
    public bool FlushToDisk { get; set; }

    /// <summary>Gets or sets how long to wait before a file that could not be written is tried again. The default is 1 second.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets a value indicating whether prompts are written by clients that have sensitive data switched on (<see cref="RoutedChatClientOptions.EnableSensitiveData"/>). The default is <see langword="true"/>; other clients' prompts never are.</summary>
    public bool IncludePrompts { get; set; } = true;

    /// <summary>
    /// Gets or sets the secret that <c>prompt_key</c> is made with, or <see langword="null"/>, the default, for none. Without one, whoever has the log and a guess at a prompt can check the guess.
    /// Logs whose keys are to be compared need the same secret.
    /// </summary>
    public string? PromptKeySecret { get; set; }

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (string.IsNullOrWhiteSpace(Path) || System.IO.Path.GetFileName(Path).Length == 0)
        {
            yield return $"Path is '{Path}', but it names no file; set it to one such as logs/decisions.jsonl.";
        }

        if (MaxFileBytes < 1)
        {
            yield return $"MaxFileBytes is {MaxFileBytes}, but a file holds at least 1 byte.";
        }

        if (RetainedFiles < 1)
        {
            yield return $"RetainedFiles is {RetainedFiles}, but at least 1 is kept; set it to null to keep all.";
        }

        if (Capacity < 1)
        {
            yield return $"Capacity is {Capacity}, but at least 1 decision has to be able to wait.";
        }

        if (RetryDelay <= TimeSpan.Zero)
        {
            yield return $"RetryDelay is {RetryDelay}, but it is to be positive.";
        }
    }
}
