namespace Looper.Core;

/// <summary>The same work on several things, one after the other. What fails for one keeps none of the others from it.</summary>
internal static class OneByOne
{
    /// <param name="nameOf">Names one where it fails.</param>
    /// <param name="work">Says whether it did something.</param>
    /// <returns>How often it did.</returns>
    /// <exception cref="AggregateException">What failed, after all have had their turn.</exception>
    public static async Task<int> DoAsync<T>(IEnumerable<T> all, Func<T, string> nameOf, Func<T, Task<bool>> work)
    {
        var (done, faults) = (0, new List<Exception>());
        foreach (var one in all)
        {
            try
            {
                if (await work(one)) done++;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                faults.Add(new InvalidOperationException($"{nameOf(one)} could not be looked at.", fault));
            }
        }

        return faults.Count == 0 ? done : throw new AggregateException(faults);
    }
}
