namespace RouteLLM.Redis;

/// <summary>Options of a <see cref="RedisLedgerStore"/>.</summary>
public sealed class RedisLedgerOptions
{
    /// <summary>Gets or sets what the ledger's keys begin with. The default is <c>routellm</c>. Instances with the same prefix share budgets. All keys of a prefix are in one slot of a cluster.</summary>
    public string KeyPrefix { get; set; } = "routellm";

    /// <summary>Gets or sets the number of the database; -1, the default, for the connection's own.</summary>
    public int Database { get; set; } = -1;

    /// <summary>Gets or sets how long days are kept for reports, from a day to 10 years. The default is 400 days.</summary>
    public TimeSpan KeepDays { get; set; } = TimeSpan.FromDays(400);

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(KeyPrefix) || KeyPrefix.AsSpan().ContainsAny("{}"))
        {
            throw new ArgumentException($"{nameof(KeyPrefix)} is '{KeyPrefix}', but it is some text without braces, which the store puts around it to keep the keys of a cluster together.", nameof(KeyPrefix));
        }

        if (KeepDays < TimeSpan.FromDays(1) || KeepDays > TimeSpan.FromDays(3_660))
        {
            throw new ArgumentException($"{nameof(KeepDays)} is {KeepDays}, but it is a day to 10 years.", nameof(KeepDays));
        }
    }
}
