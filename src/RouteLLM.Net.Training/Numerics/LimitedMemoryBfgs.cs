namespace RouteLLM.Training;

/// <summary>Minimises a smooth function: the limited-memory BFGS method with a backtracking line search (Nocedal and Wright, "Numerical Optimization", algorithm 7.5).</summary>
/// <remarks>All sums run in a fixed order, so that the same function gives the same minimum to the last bit.</remarks>
internal static class LimitedMemoryBfgs
{
    private const int Memory = 8;

    /// <summary>Computes the function and its gradient.</summary>
    public delegate double Function(float[] point, float[] gradient);

    /// <summary>Minimises the function, starting from and ending in <paramref name="point"/>.</summary>
    /// <param name="function">The function.</param>
    /// <param name="point">Where to start; afterwards the minimum.</param>
    /// <param name="maxIterations">After how many iterations to stop at the latest.</param>
    /// <param name="tolerance">Stops when an iteration improves the value by less than this part of it.</param>
    /// <param name="cancellationToken">Cancels between iterations.</param>
    /// <returns>The value at the minimum.</returns>
    public static double Minimize(Function function, float[] point, int maxIterations, double tolerance, CancellationToken cancellationToken)
    {
        var history = new Queue<(float[] Step, float[] Change, double Curvature)>();
        var gradient = new float[point.Length];
        var nextGradient = new float[point.Length];
        var next = new float[point.Length];
        double value = function(point, gradient);
        for (int iteration = 0; iteration < maxIterations; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[] direction = Direction(gradient, history);
            double slope = Dot(gradient, direction);
            if (slope >= 0)
            {
                return value;
            }

            double length = history.Count > 0 ? 1 : Math.Min(1, 1 / Math.Sqrt(-slope));
            double nextValue;
            for (int attempt = 0; ; attempt++, length *= 0.4)
            {
                for (int i = 0; i < point.Length; i++)
                {
                    next[i] = (float)(point[i] + (length * direction[i]));
                }

                nextValue = function(next, nextGradient);
                if (nextValue <= value + (1e-4 * length * slope))
                {
                    break;
                }

                if (attempt == 20)
                {
                    return value;
                }
            }

            Remember(history, point, next, gradient, nextGradient);
            double improvement = value - nextValue;
            next.CopyTo(point, 0);
            (gradient, nextGradient) = (nextGradient, gradient);
            value = nextValue;
            if (improvement < tolerance * Math.Abs(value))
            {
                break;
            }
        }

        return value;
    }

    private static float[] Direction(float[] gradient, Queue<(float[] Step, float[] Change, double Curvature)> history)
    {
        var direction = new float[gradient.Length];
        for (int i = 0; i < direction.Length; i++)
        {
            direction[i] = -gradient[i];
        }

        (float[] Step, float[] Change, double Curvature)[] pairs = [.. history];
        var alphas = new double[pairs.Length];
        for (int p = pairs.Length - 1; p >= 0; p--)
        {
            alphas[p] = Dot(pairs[p].Step, direction) / pairs[p].Curvature;
            Add(direction, pairs[p].Change, -alphas[p]);
        }

        if (pairs.Length > 0)
        {
            double scale = pairs[^1].Curvature / Dot(pairs[^1].Change, pairs[^1].Change);
            for (int i = 0; i < direction.Length; i++)
            {
                direction[i] = (float)(direction[i] * scale);
            }
        }

        for (int p = 0; p < pairs.Length; p++)
        {
            double beta = Dot(pairs[p].Change, direction) / pairs[p].Curvature;
            Add(direction, pairs[p].Step, alphas[p] - beta);
        }

        return direction;
    }

    private static void Remember(
        Queue<(float[] Step, float[] Change, double Curvature)> history, float[] point, float[] next, float[] gradient, float[] nextGradient)
    {
        (float[] step, float[] change) = history.Count == Memory && history.Dequeue() is var oldest
            ? (oldest.Step, oldest.Change)
            : (new float[point.Length], new float[point.Length]);
        for (int i = 0; i < step.Length; i++)
        {
            step[i] = next[i] - point[i];
            change[i] = nextGradient[i] - gradient[i];
        }

        double curvature = Dot(step, change);
        if (curvature > 1e-12)
        {
            history.Enqueue((step, change, curvature));
        }
    }

    private static double Dot(float[] x, float[] y)
    {
        double a = 0, b = 0, c = 0, d = 0;
        int i = 0;
        for (; i <= x.Length - 4; i += 4)
        {
            a += (double)x[i] * y[i];
            b += (double)x[i + 1] * y[i + 1];
            c += (double)x[i + 2] * y[i + 2];
            d += (double)x[i + 3] * y[i + 3];
        }

        for (; i < x.Length; i++)
        {
            a += (double)x[i] * y[i];
        }

        return a + b + (c + d);
    }

    private static void Add(float[] to, float[] what, double times)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = (float)(to[i] + (what[i] * times));
        }
    }
}
