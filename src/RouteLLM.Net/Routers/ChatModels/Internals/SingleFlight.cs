namespace RouteLLM;

/// <summary>Lets those who ask for the same thing at the same time share one piece of work, each with a time limit and a cancellation of its own.</summary>
/// <remarks>The work is cancelled when the last who waits for it gives up; whoever comes after that starts it anew.</remarks>
internal sealed class SingleFlight(TimeSpan timeLimit, TimeProvider timeProvider)
{
    private readonly Dictionary<string, Flight> _flights = new(StringComparer.Ordinal);

    /// <summary>Joins the work for a key, or starts it.</summary>
    /// <exception cref="TimeoutException">The time limit is over.</exception>
    public async Task<double> JoinAsync(string key, Func<CancellationToken, Task<double>> work, CancellationToken cancellationToken)
    {
        Flight? flight;
        bool starts = false;
        lock (_flights)
        {
            if (!_flights.TryGetValue(key, out flight))
            {
                starts = true;
                _flights.Add(key, flight = new Flight());
            }

            flight.Waiting++;
        }

        if (starts)
        {
            _ = FlyAsync(key, flight, work);
        }

        try
        {
            return await flight.Landing.Task.WaitAsync(timeLimit, timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!flight.Landing.Task.IsCompleted)
        {
            throw new TimeoutException($"The model gave no answer within {timeLimit}.");
        }
        finally
        {
            Leave(key, flight);
        }
    }

    private async Task FlyAsync(string key, Flight flight, Func<CancellationToken, Task<double>> work)
    {
        try
        {
            double result = await work(flight.Cancellation.Token).ConfigureAwait(false);
            Remove(key, flight);
            flight.Landing.SetResult(result);
        }
        catch (Exception error)
        {
            Remove(key, flight);
            flight.Landing.SetException(error);

            // Read, so that it does not count as unobserved when everyone has left.
            _ = flight.Landing.Task.Exception;
        }
    }

    private void Leave(string key, Flight flight)
    {
        lock (_flights)
        {
            if (--flight.Waiting > 0 || flight.Landing.Task.IsCompleted)
            {
                return;
            }

            Remove(key, flight);
        }

        flight.Cancellation.Cancel();
    }

    private void Remove(string key, Flight flight)
    {
        lock (_flights)
        {
            if (_flights.TryGetValue(key, out Flight? current) && current == flight)
            {
                _flights.Remove(key);
            }
        }
    }

    private sealed class Flight
    {
        // Without a timer or a linked token there is nothing to dispose of.
        public CancellationTokenSource Cancellation { get; } = new();

        public TaskCompletionSource<double> Landing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Waiting { get; set; }
    }
}
