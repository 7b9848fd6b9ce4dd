using Microsoft.Extensions.Logging;

namespace RouteLLM.Internals;

/// <summary>The log messages about money.</summary>
internal static partial class BudgetLog
{
    [LoggerMessage(30, LogLevel.Warning, "The budget {Budget} ({Account}) is at {Share:P0}: {Spent} USD of {Limit} are spent.")]
    public static partial void BudgetWarning(this ILogger logger, string budget, string account, double share, decimal spent, decimal limit);

    [LoggerMessage(31, LogLevel.Error, "The ledger's store {Store} does not answer ({ErrorType}). What requests cost is kept in memory and booked when it is back.")]
    public static partial void StoreDown(this ILogger logger, Exception error, string store, string errorType);

    [LoggerMessage(32, LogLevel.Information, "The ledger's store {Store} answers again. {Count} charges that wait for it, of {Cost} USD, are being booked.")]
    public static partial void StoreUp(this ILogger logger, string store, int count, decimal cost);

    [LoggerMessage(33, LogLevel.Warning, "The ledger is in memory: a restart begins all budgets anew. Use a store that survives it (RouteLLM.Net.Sqlite, or RouteLLM.Net.Redis for several instances).")]
    public static partial void LedgerInMemory(this ILogger logger);

    [LoggerMessage(34, LogLevel.Information, "These routes have no price, so budgets neither count nor limit them: {Routes}. Set Price in their profiles.")]
    public static partial void RoutesWithoutPrice(this ILogger logger, string routes);

    [LoggerMessage(35, LogLevel.Critical, "{Count} charges of {Cost} USD could not be booked before the ledger was closed, and are lost.")]
    public static partial void ChargesLost(this ILogger logger, int count, decimal cost);

    [LoggerMessage(36, LogLevel.Error, "What is called at the warning of the budget {Budget} failed with {ErrorType}; the request is not affected.")]
    public static partial void WarningFailed(this ILogger logger, Exception error, string budget, string errorType);
}
