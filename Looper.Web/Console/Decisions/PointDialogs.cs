using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Decisions;

/// <summary>What is said before something consequential is done to a decision point.</summary>
internal static class PointDialogs
{
    public static Confirmation Pause(string key) => new($"Pause {key}")
    {
        Changes = ["Your app gets the default, with the reason default-paused."],
        Keeps = ["Calls are still answered and logged.", "Blueprint, models and reports stay as they are."],
        WayBack = "Resume, at any time.",
        AskFor = "Why? (kept in the audit)",
    };

    public static Confirmation Resume(string key) => new($"Resume {key}") { Changes = ["The current version decides again, from the next call on."], WayBack = "Pause, at any time." };

    public static Confirmation Archive(string key) => new($"Archive {key}")
    {
        Changes = ["It leaves the lists, and your app gets the default from now on."],
        Keeps = ["Calls never get an error.", "Everything logged, trained and reported is kept."],
        WayBack = "Restore it here.",
        TypeToConfirm = key,
        IsDanger = true,
    };

    public static Confirmation Clear(string key, long decisions) => new($"Clear the data of {key}")
    {
        Changes = [$"{Shown.Count(decisions)} decisions that are kept now, and the outcomes joined with them, are deleted for good."],
        Keeps = ["Blueprint versions, models and stored reports."],
        TypeToConfirm = key,
        IsDanger = true,
    };

    public static Confirmation GoBack(int version, int current, string change) => new($"Go back to version {version}")
    {
        Changes = [$"Its content is published again as version {current + 1}: {change}."],
        Keeps = ["Version numbers only grow: nothing is deleted.", "Logged decisions and models stay."],
        WayBack = $"Go back to version {current}.",
        AskFor = "Note (optional)",
    };

    public static Confirmation Durable(bool on) => new(on ? "Switch durable writing on" : "Switch durable writing off")
    {
        Changes = [on ? "Each decision is flushed to disk before it is answered: safe against power loss, a little slower." : "Decisions are flushed within a second: faster, and at most the last second can be lost with the power.", "This is published as a new version."],
        WayBack = "Switch it again.",
    };

    public static Confirmation DeleteUnread { get; } = new("Delete the draft") { Changes = ["What is stored of it is deleted for good, and cannot be had again with a later Looper either."], Keeps = ["What is published stays."], IsDanger = true };
}
