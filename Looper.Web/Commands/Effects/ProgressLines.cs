using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.Effects;

/// <summary>Progress for a terminal: a line when the step changes, else one every few seconds. Told from any thread.</summary>
internal sealed class ProgressLines(TimeProvider clock)
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5), s_least = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private string _step = "";
    private DateTimeOffset? _at;

    public void Say(string name, string what, double share)
    {
        lock (_gate)
        {
            var step = $"{name}: {what}";
            if (_at is { } at && clock.GetUtcNow() - at < (step == _step ? s_every : s_least)) return; // steps that run side by side take turns
            (_step, _at) = (step, clock.GetUtcNow());
        }
        CommandFile.Say($"{name}: {what} ({share:0%})");
    }
}
