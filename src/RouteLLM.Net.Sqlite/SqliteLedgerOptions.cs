namespace RouteLLM.Sqlite;

/// <summary>Options of a <see cref="SqliteLedgerStore"/>.</summary>
public sealed class SqliteLedgerOptions
{
    /// <summary>Gets or sets how long amounts are gathered before they are committed together. The default is 50 milliseconds; zero commits as fast as the disk lets.</summary>
    /// <remarks>It bounds what a crash or a power cut can lose, unless <see cref="AwaitCommit"/> is set: what was settled within this time before it, and while the commit before that was under way.</remarks>
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets or sets a value indicating whether the end of a request waits until what it cost is on the disk, so that nothing settled is ever lost. The default is <see langword="false"/>.</summary>
    public bool AwaitCommit { get; set; }

    internal void Validate()
    {
        if (CommitInterval < TimeSpan.Zero || CommitInterval > TimeSpan.FromMinutes(1))
        {
            throw new ArgumentException($"{nameof(CommitInterval)} is {CommitInterval}, but it is from zero to a minute: it is what a crash can lose.", nameof(CommitInterval));
        }
    }
}
