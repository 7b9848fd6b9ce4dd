using System.Globalization;
using Microsoft.Data.Sqlite;
using RouteLLM.Internals;

namespace RouteLLM.Sqlite.Internals;

/// <summary>The tables of a ledger's file. Amounts are decimals as text, which SQLite keeps exactly and would not add.</summary>
internal sealed class LedgerDatabase : IDisposable
{
    private const int Version = 1;
    private const string Columns = "day, route, tenant, calls, estimated_calls, input_tokens, cached_input_tokens, output_tokens, cost";

    private readonly SqliteConnection _connection;

    private LedgerDatabase(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens the file to write, and makes it if there is none.</summary>
    public static LedgerDatabase Open(string path)
    {
        LedgerDatabase database = Connect(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            // In WAL mode FULL syncs the log at each commit, so that a committed transaction survives a power cut; readers are not held up.
            database.Execute("PRAGMA journal_mode = WAL");
            database.Execute("PRAGMA synchronous = FULL");
            database.CheckVersion(path, mayBeNew: true);
            database.Execute($"""
                CREATE TABLE IF NOT EXISTS balance(account TEXT NOT NULL, bucket INTEGER NOT NULL, spent TEXT NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY(account, bucket)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS spend(day TEXT NOT NULL, route TEXT NOT NULL, tenant TEXT, calls INTEGER NOT NULL, estimated_calls INTEGER NOT NULL,
                    input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost TEXT NOT NULL);
                CREATE INDEX IF NOT EXISTS spend_by_day ON spend(day, route, tenant);
                PRAGMA user_version = {Version};
                """);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Opens the file to read, while another process may write it.</summary>
    public static LedgerDatabase OpenRead(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no ledger '{path}'.", path);
        }

        LedgerDatabase database = Connect(path, SqliteOpenMode.ReadWrite);
        try
        {
            database.Execute("PRAGMA query_only = ON");
            database.CheckVersion(path, mayBeNew: false);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public IReadOnlyList<DailySpend> ReadDaily(DateOnly from, DateOnly to)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM spend WHERE day BETWEEN $from AND $to";
        command.Parameters.AddWithValue("$from", Text(from));
        command.Parameters.AddWithValue("$to", Text(to));
        using SqliteDataReader reader = command.ExecuteReader();
        List<DailySpend> rows = [];
        while (reader.Read())
        {
            rows.Add(ReadRow(reader));
        }

        return DailySpendOrder.Sort(rows);
    }

    /// <summary>Gives the balances to the book, and forgets those that have expired.</summary>
    public void Restore(LedgerBook book, DateTimeOffset now)
    {
        DeleteExpired(now);
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "SELECT account, bucket, spent, expires FROM balance";
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            book.Restore(reader.GetString(0), reader.GetInt64(1), Amount(reader.GetString(2)), DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(3)));
        }
    }

    public void DeleteExpired(DateTimeOffset now)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "DELETE FROM balance WHERE expires < $now";
        command.Parameters.AddWithValue("$now", now.ToUnixTimeSeconds());
        command.ExecuteNonQuery();
    }

    /// <summary>Writes balances as they are now, and adds to days what was added, in one transaction.</summary>
    public void Write(LedgerChanges changes)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        using (SqliteCommand command = Prepare(transaction, "INSERT OR REPLACE INTO balance(account, bucket, spent, expires) VALUES($account, $bucket, $spent, $expires)", "$account", "$bucket", "$spent", "$expires"))
        {
            foreach (((string account, long bucket), (decimal spent, DateTimeOffset expires)) in changes.Balances)
            {
                Run(command, account, bucket, Text(spent), expires.ToUnixTimeSeconds());
            }
        }

        using (SqliteCommand select = Prepare(transaction, $"SELECT {Columns} FROM spend WHERE day = $day AND route = $route AND tenant IS $tenant", "$day", "$route", "$tenant"))
        using (SqliteCommand delete = Prepare(transaction, "DELETE FROM spend WHERE day = $day AND route = $route AND tenant IS $tenant", "$day", "$route", "$tenant"))
        using (SqliteCommand insert = Prepare(transaction,
            $"INSERT INTO spend({Columns}) VALUES($day, $route, $tenant, $calls, $estimated, $input, $cached, $output, $cost)",
            "$day", "$route", "$tenant", "$calls", "$estimated", "$input", "$cached", "$output", "$cost"))
        {
            foreach (DailySpend added in changes.Days.Values)
            {
                string day = Text(added.Day);
                object tenant = (object?)added.Tenant ?? DBNull.Value;
                Bind(select, day, added.Route, tenant);
                DailySpend row = added;
                using (SqliteDataReader reader = select.ExecuteReader())
                {
                    row = reader.Read() ? ReadRow(reader).Plus(added) : added;
                }

                Run(delete, day, row.Route, tenant);
                Run(insert, day, row.Route, tenant, row.Calls, row.EstimatedCalls, row.InputTokens, row.CachedInputTokens, row.OutputTokens, Text(row.Cost));
            }
        }

        transaction.Commit();
    }

    public void Dispose() => _connection.Dispose();

    private static LedgerDatabase Connect(string path, SqliteOpenMode mode)
    {
        // Without pooling the file is closed when it is disposed.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 5 }.ToString());
        try
        {
            connection.Open();
            return new(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void CheckVersion(string path, bool mayBeNew)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_master)";
        using SqliteDataReader reader = command.ExecuteReader();
        reader.Read();
        if (reader.GetInt64(0) != Version && !(mayBeNew && reader.GetInt64(1) == 0))
        {
            throw new InvalidDataException($"The file '{path}' is no ledger of this version: its user_version is {reader.GetInt64(0)}, and {Version} is expected. Name another file.");
        }
    }

    private void Execute(string text)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(SqliteTransaction transaction, string text, params ReadOnlySpan<string> parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        command.Transaction = transaction;
        foreach (string parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }

    private static DailySpend ReadRow(SqliteDataReader reader) =>
        new(DateOnly.ParseExact(reader.GetString(0), "yyyy-MM-dd", CultureInfo.InvariantCulture), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2))
        {
            Calls = reader.GetInt64(3),
            EstimatedCalls = reader.GetInt64(4),
            InputTokens = reader.GetInt64(5),
            CachedInputTokens = reader.GetInt64(6),
            OutputTokens = reader.GetInt64(7),
            Cost = Amount(reader.GetString(8)),
        };

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);

    private static decimal Amount(string text) => decimal.Parse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
