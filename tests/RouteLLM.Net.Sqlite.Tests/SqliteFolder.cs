namespace RouteLLM.Sqlite.Tests;

/// <summary>A folder of a test's own for a ledger.</summary>
internal sealed class SqliteFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("routellm-sqlite-").FullName;

    public string Ledger => Path.Combine(_folder, "ledger.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
