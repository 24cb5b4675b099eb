namespace Looper.Web.Console.Shared;

/// <summary>What a colour means, everywhere the same; a mark and a word always go with it.</summary>
public enum Tone
{
    Unsure,
    Good,
    Bad,
    Warn,
    Info,
}

public static class Tones
{
    /// <summary>The tone of a state named in the words of the product; a word not known here is unsure.</summary>
    public static Tone Of(string state) => state.ToLowerInvariant() switch
    {
        "live" or "deciding" or "current" or "done" or "active" or "resolved" or "won" => Tone.Good,
        "failed" or "firing" or "revoked" or "rejected" or "lost" or "invalid" => Tone.Bad,
        "paused" or "cancelling" or "expired" or "candidate" or "waiting for approval" or "acknowledged" => Tone.Warn,
        "running" or "experiment" or "training" or "collecting" or "shadow" => Tone.Info,
        _ => Tone.Unsure,
    };

    public static string Mark(Tone tone) => tone switch { Tone.Good => "▲", Tone.Bad => "▼", Tone.Warn => "⚠", Tone.Info => "●", _ => "◆" };
}
