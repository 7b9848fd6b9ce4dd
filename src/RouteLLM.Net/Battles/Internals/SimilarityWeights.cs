using System.Numerics.Tensors;

namespace RouteLLM;

/// <summary>The ways in which similarities become weights, in place. Each gives weights of at least 0, not all of them 0.</summary>
internal static class SimilarityWeights
{
    private static readonly double s_ln10 = Math.Log(10);

    /// <summary>10 * 10^(similarity / largest similarity), RouteLLM's <c>get_weightings</c>; 1 for all if no similarity is positive.</summary>
    public static void Exponential(Span<double> similarities)
    {
        double largest = TensorPrimitives.Max<double>(similarities);
        if (largest <= 0)
        {
            similarities.Fill(1);
            return;
        }

        TensorPrimitives.Multiply(similarities, s_ln10 / largest, similarities);
        TensorPrimitives.Exp(similarities, similarities);
        TensorPrimitives.Multiply(similarities, 10, similarities);
    }

    /// <summary>The similarity itself where it is positive, else 0; 1 for all if none is positive.</summary>
    public static void Positive(Span<double> similarities)
    {
        TensorPrimitives.Max(similarities, 0, similarities);
        if (TensorPrimitives.Max<double>(similarities) == 0)
        {
            similarities.Fill(1);
        }
    }

    /// <summary>
    /// Weighs the nearest only, all the same or by exp(similarity / temperature). What is as near as the last of them shares its place, so that the order of rows does not matter.
    /// </summary>
    public static void Nearest(Span<double> similarities, int count, double? temperature)
    {
        double largest = TensorPrimitives.Max<double>(similarities);
        (double threshold, int nearer, int atThreshold) = count < similarities.Length ? Threshold(similarities, count) : (double.NegativeInfinity, 0, 0);
        double share = atThreshold == 0 ? 1 : (double)(count - nearer) / atThreshold;
        for (int i = 0; i < similarities.Length; i++)
        {
            double similarity = similarities[i];
            similarities[i] = similarity < threshold ? 0
                : (similarity == threshold ? share : 1) * (temperature is { } t ? Math.Exp((similarity - largest) / t) : 1);
        }
    }

    /// <summary>Finds the similarity of the last of the nearest, how many are nearer than that, and how many just as near.</summary>
    private static (double Threshold, int Nearer, int AtThreshold) Threshold(ReadOnlySpan<double> similarities, int count)
    {
        using PooledArray<double> pooled = new(count);

        // A heap of the nearest so far, the least near of them on top.
        Span<double> heap = pooled.Span;
        similarities[..count].CopyTo(heap);
        heap.Sort();
        foreach (double similarity in similarities[count..])
        {
            if (similarity > heap[0])
            {
                ReplaceTop(heap, similarity);
            }
        }

        double threshold = heap[0];
        int nearer = 0;
        foreach (double similarity in heap)
        {
            nearer += similarity > threshold ? 1 : 0;
        }

        int atThreshold = 0;
        foreach (double similarity in similarities)
        {
            atThreshold += similarity == threshold ? 1 : 0;
        }

        return (threshold, nearer, atThreshold);
    }

    private static void ReplaceTop(Span<double> heap, double value)
    {
        int i = 0;
        while (true)
        {
            int child = (2 * i) + 1;
            if (child >= heap.Length)
            {
                break;
            }

            if (child + 1 < heap.Length && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (heap[child] >= value)
            {
                break;
            }

            heap[i] = heap[child];
            i = child;
        }

        heap[i] = value;
    }
}
