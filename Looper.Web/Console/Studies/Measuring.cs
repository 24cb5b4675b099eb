namespace Looper.Web.Console.Studies;

/// <summary>Who measures, as the form for a new study offers it.</summary>
public enum Measuring
{
    Live,
    Logged,

    /// <summary>Logged decisions first, then live arms.</summary>
    Both,

    Simulator,
    External,
}
