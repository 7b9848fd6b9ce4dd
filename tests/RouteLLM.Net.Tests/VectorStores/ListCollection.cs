using System.Runtime.CompilerServices;
using Microsoft.Extensions.VectorData;
using RouteLLM.Tests.Battles;

namespace RouteLLM.Tests.VectorStores;

/// <summary>A collection of a vector store that is a list, and searches all of it.</summary>
internal sealed class ListCollection(IReadOnlyList<BattleRecord> records, string distanceFunction = DistanceFunction.CosineSimilarity) : VectorStoreCollection<int, BattleRecord>
{
    private readonly Dictionary<int, BattleRecord> _records = records.ToDictionary(static record => record.Id);

    public override string Name => "battles";

    public int? LastTop { get; private set; }

    public override async IAsyncEnumerable<VectorSearchResult<BattleRecord>> SearchAsync<TInput>(
        TInput searchValue, int top, VectorSearchOptions<BattleRecord>? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        LastTop = top;
        var query = (ReadOnlyMemory<float>)(object)searchValue;
        Func<BattleRecord, bool> filter = options?.Filter?.Compile() ?? (static _ => true);
        foreach (BattleRecord record in _records.Values.Where(filter).OrderByDescending(record => RandomBattles.Cosine(query.Span, record.Embedding.Span)).Take(top))
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            double cosine = RandomBattles.Cosine(query.Span, record.Embedding.Span);
            yield return new VectorSearchResult<BattleRecord>(record, distanceFunction switch
            {
                DistanceFunction.CosineSimilarity or DistanceFunction.DotProductSimilarity => cosine,
                DistanceFunction.CosineDistance => 1 - cosine,
                DistanceFunction.NegativeDotProductSimilarity => -cosine,
                DistanceFunction.EuclideanDistance => Math.Sqrt(2 - (2 * cosine)),
                DistanceFunction.EuclideanSquaredDistance => 2 - (2 * cosine),
                _ => null,
            });
        }
    }

    public override Task<bool> CollectionExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(true);

    public override Task EnsureCollectionExistsAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public override Task EnsureCollectionDeletedAsync(CancellationToken cancellationToken = default)
    {
        _records.Clear();
        return Task.CompletedTask;
    }

    public override Task<BattleRecord?> GetAsync(int key, RecordRetrievalOptions? options = null, CancellationToken cancellationToken = default) => Task.FromResult(_records.GetValueOrDefault(key));

    public override IAsyncEnumerable<BattleRecord> GetAsync(
        System.Linq.Expressions.Expression<Func<BattleRecord, bool>> filter, int top, FilteredRecordRetrievalOptions<BattleRecord>? options = null, CancellationToken cancellationToken = default) =>
        _records.Values.Where(filter.Compile()).Take(top).ToAsyncEnumerable();

    public override Task DeleteAsync(int key, CancellationToken cancellationToken = default)
    {
        _records.Remove(key);
        return Task.CompletedTask;
    }

    public override Task UpsertAsync(BattleRecord record, CancellationToken cancellationToken = default)
    {
        _records[record.Id] = record;
        return Task.CompletedTask;
    }

    public override async Task UpsertAsync(IEnumerable<BattleRecord> records, CancellationToken cancellationToken = default)
    {
        foreach (BattleRecord record in records)
        {
            await UpsertAsync(record, cancellationToken);
        }
    }

    public override object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
}
