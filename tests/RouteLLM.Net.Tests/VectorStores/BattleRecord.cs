using Microsoft.Extensions.VectorData;

namespace RouteLLM.Tests.VectorStores;

/// <summary>A battle as an application would store it.</summary>
internal sealed class BattleRecord
{
    [VectorStoreKey]
    public int Id { get; set; }

    [VectorStoreData(IsIndexed = true)]
    public string ModelA { get; set; } = "";

    [VectorStoreData(IsIndexed = true)]
    public string ModelB { get; set; } = "";

    [VectorStoreData]
    public string Winner { get; set; } = "";

    [VectorStoreData]
    public string Prompt { get; set; } = "";

    [VectorStoreVector(24)]
    public ReadOnlyMemory<float> Embedding { get; set; }

    public static BattleRecord From((Battle Battle, float[] Embedding) row, int id) =>
        new() { Id = id, ModelA = row.Battle.ModelA, ModelB = row.Battle.ModelB, Winner = row.Battle.Winner.ToString(), Prompt = row.Battle.Prompt ?? "", Embedding = row.Embedding };

    public Battle ToBattle() => new(ModelA, ModelB, Enum.Parse<BattleWinner>(Winner), Prompt);
}
