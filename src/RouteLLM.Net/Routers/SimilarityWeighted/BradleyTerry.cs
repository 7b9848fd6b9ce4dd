using System.Numerics.Tensors;

namespace RouteLLM;

/// <summary>Fits a weighted Bradley-Terry model to counts: the strengths at which the battles' outcomes are likeliest.</summary>
/// <remarks>
/// <para>
/// Bradley and Terry (1952), with ties as RouteLLM counts them: a win is two, a tie one for each side (<c>compute_elo_mle_with_tie</c>). A fit depends on the
/// battles only through these sums per pair, so a query over any number of battles solves a system as small as the number of competitors.
/// </para>
/// <para>
/// Strengths are in Elo units around 1000: P(i beats j) = 1 / (1 + 10^((r_j - r_i) / 400)). They are fixed only up to a constant; the one with mean 1000 is given,
/// for each set of competitors connected by battles.
/// </para>
/// </remarks>
internal sealed class BradleyTerry
{
    /// <summary>Beyond this many Elo points from 1000 a rating is not fitted further: it belongs to one who only won or only lost, whose likeliest rating is infinite.</summary>
    private const double MaxDeviation = 4000;

    private const int MaxIterations = 100;
    private static readonly double s_ln10 = Math.Log(10);

    private readonly int _count;
    private readonly double[] _wins;
    private readonly double[] _innerAsA;
    private readonly double[] _innerAsB;

    /// <param name="count">The number of competitors: models, or tiers.</param>
    public BradleyTerry(int count)
    {
        _count = count;
        _wins = new double[count * count];
        _innerAsA = new double[count];
        _innerAsB = new double[count];
    }

    /// <summary>Adds weight to competitor <paramref name="winner"/> having beaten another one.</summary>
    public void AddWin(int winner, int loser, double weight) => _wins[(winner * _count) + loser] += weight;

    /// <summary>
    /// Adds a battle within one competitor (two models of one tier), won by the one listed first (<paramref name="asA"/>) or second.
    /// </summary>
    /// <remarks>
    /// RouteLLM writes both sides of such a battle into one cell, so that it becomes a battle of the tier against a rating of 1000 that the tier wins as B: a hidden
    /// regulariser that draws the tier towards 1000.
    /// </remarks>
    public void AddInner(int competitor, bool asA, double weight) => (asA ? _innerAsA : _innerAsB)[competitor] += weight;

    /// <summary>Solves by Newton's method.</summary>
    /// <returns>The ratings in Elo points, one per competitor.</returns>
    public double[] Fit()
    {
        var coefficients = new double[_count];
        var gradient = new double[_count];
        var hessian = new double[_count * _count];
        double likelihood = Evaluate(coefficients, gradient, hessian);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            double[] step = Solve(hessian, gradient);
            double largest = TensorPrimitives.MaxMagnitude<double>(step);
            if (Math.Abs(largest) < 1e-13)
            {
                break;
            }

            // Halved until the likelihood does not fall, so that a far start cannot overshoot.
            double scale = Math.Min(1, 2 / Math.Abs(largest));
            var candidate = new double[_count];
            double reached;
            do
            {
                for (int i = 0; i < _count; i++)
                {
                    candidate[i] = Math.Clamp(coefficients[i] + (scale * step[i]), -MaxDeviation / 400, MaxDeviation / 400);
                }

                reached = Evaluate(candidate, gradient, hessian);
                scale /= 2;
            }
            while (reached < likelihood - (1e-14 * Math.Abs(likelihood)) && scale > 1e-10);

            bool moved = !candidate.AsSpan().SequenceEqual(coefficients);
            coefficients = candidate;
            likelihood = reached;
            if (!moved)
            {
                break;
            }
        }

        Center(coefficients);
        return Array.ConvertAll(coefficients, static coefficient => (400 * coefficient) + 1000);
    }

    /// <summary>Gives each set of competitors that only battles among them connect the mean 0, the constant that the battles leave free.</summary>
    private void Center(double[] coefficients)
    {
        var visited = new bool[_count];
        var component = new List<int>();
        for (int start = 0; start < _count; start++)
        {
            if (visited[start])
            {
                continue;
            }

            visited[start] = true;
            component.Clear();
            component.Add(start);
            for (int next = 0; next < component.Count; next++)
            {
                for (int j = 0; j < _count; j++)
                {
                    if (!visited[j] && _wins[(component[next] * _count) + j] + _wins[(j * _count) + component[next]] > 0)
                    {
                        visited[j] = true;
                        component.Add(j);
                    }
                }
            }

            // A battle within a competitor is one against 1000, and fixes the constant.
            if (!component.Exists(i => _innerAsA[i] + _innerAsB[i] > 0))
            {
                double mean = component.Average(i => coefficients[i]);
                component.ForEach(i => coefficients[i] -= mean);
            }
        }
    }

    /// <summary>Computes the log-likelihood, its gradient, and its negated Hessian.</summary>
    private double Evaluate(double[] coefficients, double[] gradient, double[] hessian)
    {
        Array.Clear(gradient);
        Array.Clear(hessian);
        double likelihood = 0;
        for (int i = 0; i < _count; i++)
        {
            for (int j = i + 1; j < _count; j++)
            {
                double won = _wins[(i * _count) + j], lost = _wins[(j * _count) + i];
                if (won + lost == 0)
                {
                    continue;
                }

                (double logWin, double logLoss, double p) = LogSigmoid(s_ln10 * (coefficients[i] - coefficients[j]));
                likelihood += (won * logWin) + (lost * logLoss);
                double slope = s_ln10 * (won - ((won + lost) * p));
                double curvature = s_ln10 * s_ln10 * (won + lost) * p * (1 - p);
                gradient[i] += slope;
                gradient[j] -= slope;
                hessian[(i * _count) + i] += curvature;
                hessian[(j * _count) + j] += curvature;
                hessian[(i * _count) + j] -= curvature;
                hessian[(j * _count) + i] -= curvature;
            }

            double inner = _innerAsA[i] + _innerAsB[i];
            if (inner > 0)
            {
                (double logA, double logB, double p) = LogSigmoid(-s_ln10 * coefficients[i]);
                likelihood += (_innerAsA[i] * logA) + (_innerAsB[i] * logB);
                gradient[i] -= s_ln10 * (_innerAsA[i] - (inner * p));
                hessian[(i * _count) + i] += s_ln10 * s_ln10 * inner * p * (1 - p);
            }
        }

        return likelihood;
    }

    private static (double LogP, double LogQ, double P) LogSigmoid(double x)
    {
        double e = Math.Exp(-Math.Abs(x));
        double softplus = Math.Log(1 + e);
        double p = x >= 0 ? 1 / (1 + e) : e / (1 + e);
        return x >= 0 ? (-softplus, -x - softplus, p) : (x - softplus, -softplus, p);
    }

    /// <summary>Solves the symmetric system by Cholesky factorisation, with a ridge so small that it only stands in for directions that nothing fixes.</summary>
    private double[] Solve(double[] matrix, double[] right)
    {
        int n = _count;
        double largest = 0;
        for (int i = 0; i < n; i++)
        {
            largest = Math.Max(largest, matrix[(i * n) + i]);
        }

        double ridge = Math.Max(largest * 1e-12, 1e-300);
        var factor = new double[n * n];
        var solution = (double[])right.Clone();
        for (int j = 0; j < n; j++)
        {
            for (int i = j; i < n; i++)
            {
                double sum = matrix[(i * n) + j] + (i == j ? ridge : 0);
                for (int k = 0; k < j; k++)
                {
                    sum -= factor[(i * n) + k] * factor[(j * n) + k];
                }

                factor[(i * n) + j] = i == j ? Math.Sqrt(Math.Max(sum, ridge)) : sum / factor[(j * n) + j];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < i; k++)
            {
                solution[i] -= factor[(i * n) + k] * solution[k];
            }

            solution[i] /= factor[(i * n) + i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++)
            {
                solution[i] -= factor[(k * n) + i] * solution[k];
            }

            solution[i] /= factor[(i * n) + i];
        }

        return solution;
    }
}
