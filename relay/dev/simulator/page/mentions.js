// The names of people by their ids in Slack: a message holds the ids alone.

let names = new Map();

/** Know the people of the page. */
export function knowPeople(people) {
  names = new Map(people.map(({ slack, name }) => [slack, name]));
}

export const nameOf = (id) => names.get(id) ?? id;
